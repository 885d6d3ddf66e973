"""Numbers with their value, unit and qualifier; and the runs of digits and numerals that are none, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from extractor.catalogue.firsts import first_characters
from extractor.models import Report
from extractor.pipeline import Extractor
from extractor.quantities import QuantityGrammar
from extractor.types import Skip
from tests.conftest import overlapping, unmark
from tests.stages import CATALOGUE

Record = Callable[[str], Report]


@pytest.mark.parametrize(
    ("sentence", "value", "unit", "qualifier"),
    [
        # plain
        ("全年发放宣传手册【3680份】。", "3680", "份", "exact"),
        ("调解成功率【98.4%】。", "98.4", "%", "exact"),
        ("调解成功率达【100%】。", "100", "%", "exact"),
        ("调解成功率为【97.6％】。", "97.6", "%", "exact"),
        ("行政处罚【0件】。", "0", "件", "exact"),
        ("全镇共发放宣传资料【12,400份】。", "12400", "份", "exact"),
        ("全镇共发放宣传资料【１２，４００份】。", "12400", "份", "exact"),
        ("共调解矛盾纠纷【４６件】。", "46", "件", "exact"),
        ("办理行政许可【39】。", "39", None, "exact"),
        ("全年公开政务信息【2141】。", "2141", None, "exact"),
        # scales
        ("流转土地【23.67万亩】。", "236700", "亩", "exact"),
        ("罚款【2.35万元】。", "23500", "元", "exact"),
        ("兑付各类补贴资金【1.07亿元】。", "107000000", "元", "exact"),
        ("线上参与群众【3千人】。", "3000", "人", "exact"),
        ("线上阅读【5百次】。", "500", "次", "exact"),
        ("全镇总人口【4.2万】。", "42000", None, "exact"),
        ("挽回损失【200余万元】。", "2000000", "元", "over"),
        # approximations
        ("推送普法信息【1000余条】。", "1000", "条", "over"),
        ("发放宣传资料【20余万份】。", "200000", "份", "over"),
        ("发放宣传资料【4万余份】。", "40000", "份", "over"),
        ("追回拖欠工资【60余元】。", "60", "元", "over"),
        ("发放宣传资料【2600多份】。", "2600", "份", "over"),
        ("受教育群众【超1.2万人次】。", "12000", "人次", "over"),
        ("受教育群众【超过500人】。", "500", "人", "over"),
        ("受教育群众【逾600人】。", "600", "人", "over"),
        ("公众号点击量【突破8万】。", "80000", None, "over"),
        ("群众知晓率稳定在【90%以上】。", "90", "%", "over"),
        ("吸引【近200人次】参与。", "200", "人次", "nearly"),
        ("吸引【将近300人】参与。", "300", "人", "nearly"),
        ("入户走访【约80户】。", "80", "户", "about"),
        ("入户走访【大约80户】。", "80", "户", "about"),
        ("参加活动的村民有【30名左右】。", "30", "名", "about"),
        ("张贴海报【一百来张】。", "100", "张", "about"),
        ("领导干部集中学法【不少于2次】。", "2", "次", "at_least"),
        ("满意率【不低于95%】。", "95", "%", "at_least"),
        ("开展宣讲【至少3场】。", "3", "场", "at_least"),
        ("新增积案【不超过5件】。", "5", "件", "at_most"),
        ("存量积案控制在【10件以内】。", "10", "件", "at_most"),
        # Chinese numerals
        ("配备调解员【三十六名】。", "36", "名", "exact"),
        ("受理案件【一百零五件】。", "105", "件", "exact"),
        ("惠及村民【一千二百户】。", "1200", "户", "exact"),
        ("举办培训班【两期】。", "2", "期", "exact"),
        ("开展宣传活动【二十余场】。", "20", "场", "over"),
        ("受众【五百余人】。", "500", "人", "over"),
        ("覆盖群众【两万余人次】。", "20000", "人次", "over"),
        ("开展巡查【十余次】。", "10", "次", "over"),
        ("开展巡查【十几次】。", "10", "次", "over"),
        ("化解各类纠纷【数十起】。", "10", "起", "over"),
        ("现场咨询的群众【上百人】。", "100", "人", "over"),
        ("走访农户【百余户】。", "100", "户", "over"),
        ("线上观看直播【万余人】。", "10000", "人", "over"),
        # tenths and hundredths
        ("群众知晓率达到【九成以上】。", "90", "%", "over"),
        ("群众知晓率【超八成五】。", "85", "%", "over"),
        ("群众满意率达【百分之九十五】。", "95", "%", "exact"),
        # compound and bracketed units
        ("举办法治讲座【6场(次)】。", "6", "场次", "exact"),
        ("培训干部【15期（次）】。", "15", "期次", "exact"),
        ("悬挂横幅【30余幅条】。", "30", "幅条", "over"),
        ("检查企业【1286家次】。", "1286", "家次", "exact"),
        ("出动执法车辆【45台次】。", "45", "台次", "exact"),
        ("拆除违建【730平方米】。", "730", "平方米", "exact"),
        ("成功率提高【3个百分点】。", "3", "百分点", "exact"),
        ("宣传点全年用电【2000千瓦时】。", "2000", "千瓦时", "exact"),
        ("执法巡查【1200余千米】。", "1200", "千米", "over"),
        ("执法巡查【3千余公里】。", "3000", "公里", "over"),
        ("成功率提高【12.5百分点】。", "12.5", "百分点", "exact"),
        # damaged spacing
        ("共调解纠纷【356 件】。", "356", "件", "exact"),
        ("完 成 调 解 【4 6 件】。", "46", "件", "exact"),
        ("受教育群众【1.3 万人次】。", "13000", "人次", "exact"),
        # traditional characters: the measure word as written
        ("全年共有【兩萬餘人次】參加。", "20000", "人次", "over"),
        ("全年舉辦講座【2場】。", "2", "場", "exact"),
        # the number before its object
        ("召开【3次】党委会。", "3", "次", "exact"),
        ("【12名】执法人员全部持证。", "12", "名", "exact"),
        # at the very end of a cut text
        ("全年开展宣传活动【128】", "128", None, "exact"),
    ],
)
def test_forms(record: Record, sentence: str, value: str, unit: str | None, qualifier: str) -> None:
    marked = unmark(sentence)
    report = record(marked.text)
    found = [(i.text, i.value, i.unit, i.qualifier) for i in report.indicators]
    assert found == [(marked.words[0], Decimal(value), unit, qualifier)]
    assert (report.indicators[0].start, report.indicators[0].end) == marked.spans[0]


@pytest.mark.parametrize(
    ("sentence", "low", "high", "unit"),
    [
        ("每场参加群众【20-30人】。", "20", "30", "人"),
        ("日均受理诉求【3至5件】。", "3", "5", "件"),
        ("日均受理诉求【3到5件】。", "3", "5", "件"),
        ("日均受理诉求【15—18件】。", "15", "18", "件"),
        ("日均受理诉求【15~18件】。", "15", "18", "件"),
        ("月均受理纠纷【七八件】。", "7", "8", "件"),
        ("参加座谈的村民【三四十人】。", "30", "40", "人"),
        ("满意率【95%至98%】。", "95", "98", "%"),
        ("发放资料【2万至3万份】。", "20000", "30000", "份"),
        ("发放资料【2至3万份】。", "20000", "30000", "份"),
    ],
)
def test_ranges(record: Record, sentence: str, low: str, high: str, unit: str) -> None:
    marked = unmark(sentence)
    found = [(i.text, i.value, i.low, i.high, i.unit, i.qualifier) for i in record(marked.text).indicators]
    assert found == [(marked.words[0], None, Decimal(low), Decimal(high), unit, "range")]


@pytest.mark.parametrize(
    "sentence",
    [
        "接待来访【37批】【190多人】。",
        "举办讲座【6场】，培训干部【15期】、【2680余人次】。",
        "下发责令整改通知书【27份】，立案【4起】，罚款【2.35万元】。",
        "开展普法宣传【9场次】，发放资料【2600余份】法律顾问进村【2次】。",
        "全镇【16个】村共培养法律明白人【52人】。",
        "辖【5个】村委会（其中【2个】抵边村委会）。",
        "把法治建设作为一项政治任务，召开【一次】部署会。",
        "召开党委会【3次】，其中第12次会议研究执法事项。",
        "以每两月【1次】的频次开展学法【5次】。",
        "根据《信访条例》第二十三条规定处理【2起】。",
        "2025816日公布清单，共【3867项】。",
        "〔202541号)文件明确事项【46项】。",
        "落实行政执法三项制度2025年组织培训【3次】。",
        "“5.17”专案抓获【11人】。",
        "深入开展法律“八进”活动【26场】。",
        "拨打12348可免费咨询，全年接听【1860人次】。",
        "三分之二的村完成换届，共选出委员【85名】。",
    ],
)
def test_all_of_a_sentence(record: Record, sentence: str) -> None:
    """Every number that is one, and no other; each once at least (a number of several names stands there for each)."""
    marked = unmark(sentence)
    assert list(dict.fromkeys((i.start, i.end) for i in record(marked.text).indicators)) == list(marked.spans)


SKIPPED = [
    ("index_number", "档案编号【QZ21906-0300-2024-00017】已录入系统。"),
    ("document_number", "印发《工作要点》（岚府办〔【2024】〕【17】号），明确责任分工。"),
    ("document_number", "落实县级要求，〔【202541】号)文件逐项分解到人。"),
    ("date", "【2024】年【3】月【5】日，组织集中宣誓。"),
    ("date", "【1】月至【12】月，工作平稳推进。"),
    ("date", "于【2024-03-28】完成整改。"),
    ("date", "在【12·4】国家宪法日期间开展宣传。"),
    ("date", "【二〇二三】年工作平稳推进。"),
    ("date", "自【2025816】日起施行。"),
    ("year_range", "落实【2021—2025】年规划。"),
    ("year_range", "落实五年规划（【20212025】年）。"),
    ("time", "每日【09:30】开门办公。"),
    ("phone", "举报电话【0599-8765432】全天畅通。"),
    ("hotline", "做好【12345】政务平台诉求办理。"),
    ("hotline", "群众可拨打【12348】寻求帮助。"),
    ("hotline", "健全【110】接处警联动机制。"),
    ("duration", "在【20】个工作日内办结。"),
    ("duration", "集中学法累计【40】学时。"),
    ("duration", "为期【三】个月的整治全面铺开。"),
    ("duration", "实行【24】小时值守。"),
    ("duration", "连续【5】年保持平稳。"),
    ("age", "重点服务【60】岁以上老人。"),
    ("ordinal", "依据《信访工作条例》第【二十三】条办理。"),
    ("ordinal", "召开第【57】次会议专题部署。"),
    ("ordinal", "收到建议第【038】、【052】号，均已答复。"),
    ("ordinal", "考核位居全县第【2】。"),
    ("list_mark", "【一】是压实责任，【二】是强化督办。"),
    ("list_mark", "二是强化统筹，【三】要加强督办。"),
    ("number_name", "贯彻【八五】普法规划。"),
    ("number_name", "落实行政执法【三】项制度。"),
    ("number_name", "坚持【三重一】大事项集体研究。"),
    ("number_name", "打通服务群众最后【一】公里。"),
    ("number_name", "构建“【1】+【6】+N”调解格局。"),
    ("number_name", "整治【320】国道沿线乱象。"),
    ("number_name", "打造“【1310】”工作法。"),
    ("level", "创建【4A】级景区。"),
    ("level", "上线【2.0】版平台。"),
    ("clause_number", "比例保持在【1:3】。"),
    ("fraction", "【三】分之【二】的村完成换届。"),
    ("placeholder", "【20xx】年工作总体平稳。"),
    ("reference", "详见附件【3】。"),
    ("title", "组织学习《关于开展【五】项整治的【12】条意见》。"),
    ("idiom", "取得【一】定成效。"),
    ("idiom", "采取【一】系列措施。"),
    ("article", "把法治建设作为【一】项政治任务。"),
    ("word", "推行民情【三】访制度。"),
    ("bare_number", "系统显示：【7】。"),
]


@pytest.mark.parametrize(("reason", "sentence"), SKIPPED)
def test_skipped(extractor: Extractor, record: Record, reason: str, sentence: str) -> None:
    marked = unmark(sentence)
    assert all(not overlapping(record(marked.text), span) for span in marked.spans)
    skips = extractor.read(marked.text).skips
    reasons = {skip.reason for skip in skips for start, end in marked.spans if skip.start < end and start < skip.end}
    assert reason in reasons, skips


@pytest.mark.parametrize(
    ("reason", "sentence", "value"),
    [
        ("index_number", "累计发放宣传资料【10000份】。", 10000),
        ("document_number", "2024年共制发文件【7件】。", 7),
        ("date", "整改后仍余土地【12.4亩】。", Decimal("12.4")),
        ("date", "兑付资金【3.15万元】。", 31500),
        ("date", "调解纠纷【2024件】。", 2024),
        ("date", "开展活动【12次】，月度考核靠前。", 12),
        ("year_range", "发放资料【2021份】。", 2021),
        ("time", "整改问题【9件】。", 9),
        ("phone", "全年话务量【138000件】。", 138000),
        ("hotline", "办理12345热线工单【724件】。", 724),
        ("hotline", "化解纠纷【110件】。", 110),
        ("hotline", "化解纠纷【119起】。", 119),
        ("hotline", "发放宣传资料【12345份】。", 12345),
        ("duration", "下辖村委会【20个】。", 20),
        ("duration", "配备调解员【三个】，分片包干。", 3),
        ("age", "走访老人【60人】。", 60),
        ("ordinal", "召开会议【57次】。", 57),
        ("ordinal", "前来咨询的群众【38人】。", 38),
        ("list_mark", "举办法治讲座【一次】。", 1),
        ("list_mark", "拆除违建【3.5亩】。", Decimal("3.5")),
        ("number_name", "新建法治广场【八个】。", 8),
        ("number_name", "完善财务、公章、接待【三项】制度。", 3),
        ("level", "配备网格员【两名】。", 2),
        ("fraction", "整治乱点【三处】。", 3),
        ("placeholder", "处置事件【20件】。", 20),
        ("reference", "附设展板【3块】。", 3),
        ("title", "学习《宪法》【5次】。", 5),
        ("idiom", "召开推进会【一次】。", 1),
        ("article", "新建法治公园【一个】。", 1),
        ("article", "今年有【一个】社区被评为民主法治示范社区。", 1),
        ("word", "发放资料【一万份】。", 10000),
        ("bare_number", "办理行政许可【7】。", 7),
    ],
)
def test_not_skipped(record: Record, reason: str, sentence: str, value: Decimal | int) -> None:
    """What looks like a reason to skip and is none."""
    marked = unmark(sentence)
    found = overlapping(record(marked.text), marked.spans[0])
    assert [(i.start, i.end, i.value) for i in found[:1]] == [(*marked.spans[0], value)], reason


def test_every_reason_is_tried(extractor: Extractor) -> None:
    numbers = extractor.catalogue.numbers
    named = {rule.reason for rule in numbers.skip} | {pair.reason for pair in numbers.enclosed} | set(numbers.names)
    tried = {reason for reason, _ in SKIPPED}
    assert named <= tried


@pytest.mark.parametrize(
    ("text", "reason", "count"),
    [
        ("一、工作情况\n全年调解纠纷5件。\n岚溪镇人民政府\n2024年1月8日\n", "sign_off", 3),
        ("岚溪镇2023年法治政府建设工作报告\n一、工作情况\n全年调解纠纷5件。\n", "front_matter", 1),
        ("一、工作情况\n全年调解纠纷5件。\n— 12 —\n共培训干部8人。\n", "page_number", 1),
        ("浏览次数：311\n一、工作情况\n全年调解纠纷5件。\n", "front_matter", 1),
        ("一、工作情况\n全年调解纠纷5件。\n浏览次数：311\n", "furniture", 1),
    ],
)
def test_numbers_outside_the_body(record: Record, text: str, reason: str, count: int) -> None:
    report = record(text)
    assert report.coverage.skipped[reason] == count
    assert report.coverage.unaccounted == 0
    assert report.indicators[0].text == "5件"


@pytest.mark.parametrize(
    "sentence",
    [
        "复议案件2021年【8件】、2022年【16件】、2023年【5件】。",
        "其中2022年【12件】，2023年【15件】。",
        "2023年1-11月调解纠纷【30件】，2023年8、9月调解【4件】。",
        "3月开展宣传【2场】，4月【12场】，12月4日【1场】。",
        "1月受理信访【5件】、2月【8件】、3月【11件】。",
        "3月5至9日开展宣传【2场】，2023年3月—5月开展【6场】。",
    ],
)
def test_a_number_right_behind_a_date_is_none_of_it(record: Record, sentence: str) -> None:
    marked = unmark(f"一、主要工作\n{sentence}")
    assert [i.text for i in record(marked.text).indicators] == marked.words


def test_what_stands_before_a_numeral_is_no_part_of_it(record: Record) -> None:
    """上 of 以上 and of 线上 says nothing of how many; 上百 does."""
    report = record("一、主要工作\n调解员中60岁以上十二人，线上十二场、线下八场，参加的上百人，十五六户到场。\n")
    found = [(i.text, i.value, i.low, i.high) for i in report.indicators]
    assert found == [
        ("十二人", 12, None, None),
        ("十二场", 12, None, None),
        ("八场", 8, None, None),
        ("上百人", 100, None, None),
        ("十五六户", None, 15, 16),
    ]


def test_numbers_of_several_years_count_the_same(record: Record) -> None:
    report = record("某镇2023年度法治政府建设工作报告\n一、主要工作\n调解纠纷2021年231件、2022年203件，2023年185件。\n")
    assert [(i.code, i.modality) for i in report.indicators] == [
        ("mediation.disputes_mediated", "past"),
        ("mediation.disputes_mediated", "past"),
        ("mediation.disputes_mediated", "actual"),
    ]


@pytest.mark.parametrize(
    ("sentence", "codes", "unit"),
    [
        ("全年【无一起】行政复议案件。", {"litigation.reconsideration_cases"}, "起"),
        ("全年【没有一件】行政复议案件。", {"litigation.reconsideration_cases"}, "件"),
        ("全镇【未发生】行政诉讼案件。", {"litigation.lawsuit_cases"}, None),
        ("全年【未收到】行政复议申请。", {"litigation.reconsideration_cases"}, None),
        ("全年【未制定】规范性文件。", {"decision.normative_documents"}, None),
        ("全镇【未发生】行政复议和行政诉讼案件。", {"litigation.reconsideration_cases", "litigation.lawsuit_cases"}, None),
        ("辖区【未发生】越级上访。", {"petition.cases_received"}, None),
        ("行政诉讼实现【零】败诉。", {"litigation.loss_cases"}, None),
        ("全镇【未发生】刑事案件。", {"security.criminal_cases"}, None),
        ("行政复议申请【一件也没有】。", {"litigation.reconsideration_cases"}, "件"),
        ("今年进京上访的【一起也没有】。", {"petition.cases_received"}, "起"),
        ("全年被诉案件【没有】。", {"litigation.lawsuit_cases"}, None),
        ("越级上访【没有出现】过。", {"petition.cases_received"}, None),
        ("越级上访实现“【零】发生”。", {"petition.cases_received"}, None),
        ("越级上访：【无】", {"petition.cases_received"}, None),
        ("行政诉讼：【没有】", {"litigation.lawsuit_cases"}, None),
        ("行政复议纠错：【0】", {"litigation.loss_cases"}, None),
    ],
)
def test_zero_statements(record: Record, sentence: str, codes: set[str], unit: str | None) -> None:
    marked = unmark(sentence)
    found = record(marked.text).indicators
    assert {(i.start, i.end) for i in found} == set(marked.spans)
    assert {i.code for i in found} == codes
    assert len(found) == len(codes)
    assert {(i.value, i.unit, i.qualifier, i.modality) for i in found} == {(Decimal(0), unit, "exact", "actual")}


@pytest.mark.parametrize(
    "sentence",
    [
        "坚持零距离服务群众。",
        "对违法行为零容忍。",
        "建设无障碍通道，方便群众办事。",
        "工作无论大小，都要依法办理。",
        "设立“无讼村”品牌。",
        "各项工作无一例外依法推进。",
        "信访件没有积压。",
        "行政复议案件没有超期。",
        "行政复议申请一件也没有落下。",
        "行政处罚一件也没有错。",
    ],
)
def test_words_of_negation_that_say_no_zero(record: Record, sentence: str) -> None:
    assert record(sentence).indicators == ()


@pytest.mark.parametrize("first", ["T", "g", "Z"])
def test_a_skip_rule_may_begin_with_any_letter(first: str) -> None:
    rule = CATALOGUE.numbers.skip[0].model_copy(update={"pattern": rf"{first}\d+次"})
    catalogue = CATALOGUE.model_copy(update={"numbers": CATALOGUE.numbers.model_copy(update={"skip": (rule,)})})
    grammar = QuantityGrammar(catalogue.model_copy(update={"skip_firsts": first_characters(catalogue)}))
    text = f"乘坐{first}12次列车"
    assert grammar.scan(text, len(text), []) == ([], [Skip(2, 6, rule.reason)])
