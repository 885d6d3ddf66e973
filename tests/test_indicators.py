"""What a number counts: its code, its total, and several names that share one number or take one each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extractor.models import Indicator, Report
from tests.conftest import overlapping, unmark

Record = Callable[[str], Report]


def _one_by_one(report: Report, sentence: str) -> list[list[Indicator]]:
    return [overlapping(report, span) for span in unmark(sentence).spans]


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        (
            "全镇共排查各类纠纷【128起】，化解【126起】，化解率【98.4%】。",
            ["mediation.disputes_screened", "mediation.disputes_resolved", "mediation.success_rate"],
        ),
        (
            "促成书面协议【41份】、口头协议【88件】，涉及金额【213.6万元】。",
            ["mediation.written_agreements", "mediation.oral_agreements", "mediation.amount"],
        ),
        ("接待来访【37批】【190多人】。", ["petition.cases_received", "petition.visits_received"]),
        ("共办理12345热线工单【724件】，满意率【97.1%】。", ["petition.hotline_requests", "petition.satisfaction_rate"]),
        (
            "举办法治讲座【6场】，培训执法干部【15期】、【268人次】。",
            ["training.lectures", "training.sessions", "training.participants"],
        ),
        (
            "开展普法宣传【9场次】，发放宣传资料【2600余份】，受教育群众【1.2万人次】。",
            ["publicity.events", "publicity.materials", "publicity.audience"],
        ),
        ("悬挂横幅【30余幅】，张贴海报【一百来张】。", ["publicity.banners", "publicity.banners"]),
        ("现有执法人员【12名】，其中持证【9名】。", ["enforcement.officers", "enforcement.certified_officers"]),
        (
            "下发责令整改通知书【27份】，立案【4起】，罚款【2.35万元】。",
            ["enforcement.notices", "enforcement.cases", "enforcement.fines"],
        ),
        (
            "制定规范性文件【2件】，废止【6件】。",
            ["decision.normative_documents", "decision.normative_documents"],
        ),
        ("聘请法律顾问【1名】，村法律顾问【11名】。", ["legal_service.advisers", "legal_service.advisers"]),
        ("在【6个】行政村开展普法宣传【18次】。", ["profile.villages", "publicity.events"]),
        (
            "全镇辖【23个】村，总人口【4.2万】，面积【183平方公里】。",
            ["profile.villages", "profile.population", "profile.area"],
        ),
        ("办理人大代表建议【13件】、政协提案【5件】。", ["oversight.deputy_motions", "oversight.cppcc_proposals"]),
        ("收到行政复议申请【2件】，行政诉讼案件【3件】。", ["litigation.reconsideration_cases", "litigation.lawsuit_cases"]),
        # the number before its object
        ("召开【3次】法治工作专题会议。", ["leadership.meetings"]),
        # nothing of the catalogue
        ("栽植行道树【3000株】。", [None]),
        ("铺设排水管网【4.2公里】。", [None]),
        # near the catalogue, and no part of it
        ("开展应急演练【6次】，参演人员【320人】。", [None, None]),
        ("提出审核意见【96条】，采纳【88条】。", [None, None]),
        ("推动解决群众急难愁盼问题【126个】。", [None]),
        ("首违不罚事项清单【36项】。", [None]),
        ("收缴非法渔具【23件】。", [None]),
        ("实现【14个】乡镇全覆盖。", [None]),
        # names of laws count nothing, levels before and after one change count the same
        ("涉企检查由【320次】压减至【210次】。", ["enforcement.inspections", "enforcement.inspections"]),
        ("拆除违建【15处】【3200㎡】。", ["enforcement.violations_cleared", "enforcement.violations_cleared"]),
    ],
)
def test_codes(record: Record, sentence: str, codes: list[str | None]) -> None:
    found = _one_by_one(record(unmark(sentence).text), sentence)
    assert [[i.code for i in at] for at in found] == [[code] for code in codes]


@pytest.mark.parametrize(
    ("sentence", "totals"),
    [
        # 其中, a colon, brackets, 包括
        ("调解纠纷【57起】，其中婚姻家庭类【21起】、邻里类【19起】、土地类【17起】。", [None, 0, 0, 0]),
        ("调解纠纷【57起】。其中婚姻家庭类【21起】、邻里类【19起】。", [None, 0, 0]),
        ("主动公开信息【158条】：领域信息【101条】，动态【41条】，其他【16条】。", [None, 0, 0, 0]),
        ("辖村委会【5个】（其中抵边村委会【2个】）。", [None, 0]),
        ("辖【5个】村委会（其中【2个】抵边村委会）。", [None, 0]),
        ("调解纠纷【57起】（婚姻家庭类【21起】、邻里类【36起】），化解率【98%】。", [None, 0, 0, None]),
        ("调解纠纷【57起】，包括婚姻家庭类【21起】、邻里类【36起】。", [None, 0, 0]),
        # a second breakdown inside the first
        ("调解纠纷【57起】，其中土地类【17起】（林地【6起】、耕地【11起】）、邻里类【40起】。", [None, 0, 1, 1, 0]),
        # parts that add up to an earlier total than the nearest
        (
            "受理纠纷【57起】，调解成功【55起】，成功率【96%】，按类型分，邻里【21起】，土地【20起】，家庭【16起】。",
            [None, None, None, 0, 0, 0],
        ),
        ("受理纠纷【57起】，调解成功【55起】，其中邻里【25起】，土地【20起】，家庭【10起】。", [None, None, 1, 1, 1]),
        # dealt out to two totals
        ("办理代表建议【41件】、政协提案【18件】，其中基本解决的分别为【32件】、【17件】。", [None, None, None, None]),
        # no parts
        ("排查纠纷【57起】，化解【55起】。", [None, None]),
        ("调解纠纷【57起】、接待来访【12批】。", [None, None]),
        ("调解纠纷【57起】，其中邻里类【19起】；举办讲座【6场】。", [None, 0, None]),
        ("调解纠纷【57起】，其中邻里类【19起】。受理信访【8起】。", [None, 0, None]),
        # another unit is no part
        ("调解纠纷【57起】，其中涉及金额【213万元】。", [None, None]),
        ("调解纠纷【57件】，同比增加【6件】，物业类【30件】，邻里类【17件】，其他【10件】。", [None, None, 0, 0, 0]),
        ("调解纠纷【57件】。婚姻、邻里、其他纠纷分别为【30件】、【17件】、【10件】。", [None, 0, 0, 0]),
        ("收到信访件【48件次】，其中省级交办【5件】、市级交办【8件】，办结【47件】。", [None, 0, 0, None]),
        ("公开政府信息【890条】，其中处罚信息【41条】，受理公开申请【7件】。", [None, 0, None]),
    ],
)
def test_parts(record: Record, sentence: str, totals: list[int | None]) -> None:
    found = [at[0] for at in _one_by_one(record(unmark(sentence).text), sentence)]
    assert [i.part_of for i in found] == [None if total is None else found[total].id for total in totals]


def test_parts_take_the_code_of_their_total(record: Record) -> None:
    report = record("调解纠纷57起，其中婚姻家庭类21起、邻里类19起、土地类17起。")
    assert {i.code for i in report.indicators} == {"mediation.disputes_mediated"}


def test_parts_with_a_code_of_their_own_keep_it(record: Record) -> None:
    report = record("共达成调解协议57件，其中口头协议21件、书面协议36件。")
    assert [i.code for i in report.indicators][1:] == ["mediation.oral_agreements", "mediation.written_agreements"]


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("矛盾纠纷调解率和调解成功率分别为【100%】和【98.6%】。", ["mediation.mediation_rate", "mediation.success_rate"]),
        ("矛盾纠纷调解率、调解成功率分别达【100%】、【98.6%】。", ["mediation.mediation_rate", "mediation.success_rate"]),
        pytest.param(
            "人大代表建议、政协提案分别为【13件】和【5件】。",
            ["oversight.deputy_motions", "oversight.cppcc_proposals"],
            marks=pytest.mark.xfail(strict=True, reason="names without a verb get no code of their own here"),
        ),
        ("书面协议、口头协议分别达【41份】、【88份】。", ["mediation.written_agreements", "mediation.oral_agreements"]),
        # 及 inside a name parts nothing; a name that is no kind of the catalogue's own takes the verb behind the last one
        ("信访及时受理率、群众满意率分别达到【100%】和【98.4%】。", ["petition.resolution_rate", "petition.satisfaction_rate"]),
        ("婚姻家庭、邻里纠纷分别受理【12件】、【30件】。", ["mediation.disputes_accepted"] * 2),
    ],
)
def test_one_number_for_each_name(record: Record, sentence: str, codes: list[str]) -> None:
    assert [[i.code for i in at] for at in _one_by_one(record(unmark(sentence).text), sentence)] == [[code] for code in codes]


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("信访事项按期办结率、信访群众满意率均达【100%】。", {"petition.resolution_rate", "petition.satisfaction_rate"}),
        ("矛盾纠纷调解率和调解成功率均为【100%】。", {"mediation.mediation_rate", "mediation.success_rate"}),
        ("矛盾纠纷调解率、调解成功率均在【98%以上】。", {"mediation.mediation_rate", "mediation.success_rate"}),
    ],
)
def test_one_number_for_several_names(record: Record, sentence: str, codes: set[str]) -> None:
    """One quantity for each code, of the same span."""
    marked = unmark(sentence)
    found = record(marked.text).indicators
    assert {(i.start, i.end) for i in found} == {marked.spans[0]}
    assert (len(found), {i.code for i in found}) == (len(codes), codes)


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("受理矛盾纠纷121件，同比下降【11.7%】。", "mediation.disputes_accepted"),
        ("信访量由去年的【86件】降至52件。", "petition.cases_received"),
        ("信访量由去年的86件降至【52件】。", "petition.cases_received"),
        ("村集体收入同比增长【18.6%】。", None),
        ("受理信访28件，接待来访12批40人次，比上年减少【3批】。", "petition.cases_received"),
        ("来信来访18件（去年22件，减少【4件】）。", "petition.cases_received"),
        ("办理行政处罚案件77件，较上年的【91件】下降15.4%。", "enforcement.cases"),
        ("办理行政处罚案件77件，较上年的91件下降【15.4%】。", "enforcement.cases"),
        ("修缮水渠77处，较上年的【91处】少。", None),
    ],
)
def test_changes_and_past_values_carry_the_code_of_what_changed(record: Record, sentence: str, code: str | None) -> None:
    marked = unmark(sentence)
    assert [i.code for i in overlapping(record(marked.text), marked.spans[0])] == [code]


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        (
            "立案40件，办结38件，罚款6.2万元，同比分别上升【12%】、【9%】和【31%】。",
            ["enforcement.cases", "enforcement.cases", "enforcement.fines"],
        ),
        (
            "接待来访86批192人次，较上年分别上升【8%】、下降【13%】。",
            ["petition.cases_received", "petition.visits_received"],
        ),
        ("立案40件（其中食品类12件）、罚款6.2万元，同比分别上升【12%】、【31%】。", ["enforcement.cases", "enforcement.fines"]),
        ("修渠3处，罚款6.2万元，同比分别增加【2处】、【1.1万元】。", [None, "enforcement.fines"]),
    ],
)
def test_changes_that_are_dealt_out_go_to_the_numbers_in_their_order(
    record: Record, sentence: str, codes: list[str | None]
) -> None:
    found = _one_by_one(record(unmark(sentence).text), sentence)
    assert [[i.code for i in each] for each in found] == [[code] for code in codes]
    assert {each[0].modality for each in found} == {"change"}


def test_a_total_said_again_before_its_parts_counts_the_same(record: Record) -> None:
    sentence = "排查纠纷63件，化解60件，正在调处3件；【63件】中邻里【30件】、婚姻【20件】、债务【13件】。"
    found = _one_by_one(record(unmark(sentence).text), sentence)
    assert [each[0].code for each in found] == ["mediation.disputes_screened"] * 4


def test_a_number_without_words_counts_what_a_share_before_it_was_of(record: Record) -> None:
    sentence = "省级民主法治示范村占行政村总数的【42%】，现有【6个】。"
    found = _one_by_one(record(unmark(sentence).text), sentence)
    assert [each[0].code for each in found] == [None, "publicity.model_villages"]


def test_what_the_catalogue_lacks_has_a_label_of_its_own_words(record: Record) -> None:
    (found,) = record("全年栽植行道树3000株。").indicators
    assert found.code is None
    assert found.label
    assert found.label in "全年栽植行道树"


def test_labels_of_codes_are_the_catalogues(record: Record, extractor: object) -> None:
    (found,) = record("全年调解矛盾纠纷57件。").indicators
    assert (found.code, found.label) == ("mediation.disputes_mediated", "调解矛盾纠纷")


def test_quote_and_section(record: Record) -> None:
    report = record("一、主要举措和成效\n扎实开展普法，全年调解矛盾纠纷57件，成效明显。\n二、存在的问题\n学法不够深入。\n")
    (found,) = report.indicators
    assert "调解矛盾纠纷57件" in found.quote
    assert "普法" not in found.quote
    assert found.section == report.sections[0].id


def test_ids_run_in_text_order(record: Record) -> None:
    report = record("调解纠纷57起，其中邻里19起。培训干部8人。无一起行政复议案件。")
    assert [i.id for i in report.indicators] == [f"q{n}" for n in range(1, len(report.indicators) + 1)]
    assert [i.start for i in report.indicators] == sorted(i.start for i in report.indicators)
