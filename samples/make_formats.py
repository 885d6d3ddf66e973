"""Makes the samples in every format that is read: `python -m samples.make_formats FOLDER [NAME …]`.

Each format is made from the invented reports `samples/NAME.txt` (all, or those named) with a library that others write
such files with, so that what is read back is what people have. Formats that need LibreOffice are left out where it is not
installed, and the scans where no Chinese font is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template

import yaml

SAMPLES = Path(__file__).parent
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030", "big5")
CHARACTERS = SAMPLES.parent / "schemas" / "characters.yaml"
FONT = Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")
"""An embeddable Chinese font: the package fonts-wqy-zenhei."""
SCAN_DOTS = 150
_CONVERSION_SECONDS = 180
_MARKS = (
    (re.compile(r"([一二三四五六七八九十]{1,3})、(?=\S)"), "chineseCounting", "%1、"),
    (re.compile(r"（([一二三四五六七八九十]{1,3})）(?=\S)"), "chineseCounting", "（%2）"),
)
_NUMERALS = ["", *"一二三四五六七八九十", *("十" + digit for digit in "一二三四五六七八九")]
_INDENT = "\u3000\u3000"

_PAGE = Template("""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>${title}_政府信息公开</title>
<style>.nav a { color: #fff }</style><script>var visits = 88421;</script></head>
<body>
<div class="header"><ul class="nav"><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li>
<li><a href="/bsfw/">办事服务</a></li><li><a href="/hdjl/">互动交流</a></li></ul></div>
<div class="position">当前位置：<a href="/">首页</a> &gt;
<a href="/zwgk/">政务公开</a> &gt; <a href="/fzzf/">法治政府建设</a></div>
<table class="index"><tr><td>索引号</td><td>000014349/2025-00031</td><td>公开方式</td><td>主动公开</td></tr></table>
<div class="article"><h1>${title}</h1>
<div class="content" id="zoom">
${body}
</div></div>
<div class="share">分享到： <a href="#">微信</a> <a href="#">微博</a></div>
<div class="footer"><p>主办：政府办公室　承办：政务服务中心</p>
<p>版权所有　网站标识码：3300000042　您是第 18823 位访问者</p></div>
<script>document.write("<p>今日访问 977 人次</p>");</script>
</body></html>
""")


def lines(report: str) -> list[str]:
    """The lines of a report as printed: what is no text of it (empty lines, indentation) taken away."""
    return [line.strip() for line in report.splitlines() if line.strip()]


def title(report: str) -> str:
    """The line that a header or a web page gives as the report's title."""
    found = (line for line in lines(report) if line.endswith(("报告", "報告", "总结", "计划")) and len(line) <= 40)
    return next(found, lines(report)[0][:40]).lstrip("# ")


def make_text(report: str, encoding: str) -> bytes:
    """The report as plain text; for Big5 in traditional characters, without the few signs that it lacks."""
    if encoding != "big5":
        return report.encode(encoding)
    characters = yaml.safe_load(CHARACTERS.read_text("utf-8"))
    pairs = dict(zip("".join(characters["simplified"]), "".join(characters["traditional"]), strict=True))
    return report.translate(str.maketrans(pairs)).encode("big5", "ignore")


def make_html(report: str) -> bytes:
    """The report as the page of a government's web site: index table, navigation, footer and scripts around it."""
    body = "\n".join(f"<p style='text-indent:2em'>{escape(line)}</p>" for line in lines(report))
    return _PAGE.substitute(title=escape(title(report)), body=body).encode()


def make_docx(report: str) -> bytes:
    """The report as a Word document: headings numbered automatically, the title in the header, page numbers in the footer."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = docx.Document()
    numbers = _DocxNumbers(document)
    for place, line in enumerate(lines(report)):
        paragraph = document.add_paragraph()
        words = numbers.without_mark(paragraph, line)
        paragraph.add_run(words).font.size = Pt(16)
        if place == 0:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        else:
            paragraph.paragraph_format.first_line_indent = Pt(32)
    section = document.sections[0]
    section.header.paragraphs[0].text = title(report)
    footer = section.footer.paragraphs[0]
    for kind in ("begin", None, "end"):
        run = footer.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = "PAGE"
        run._r.append(element)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


class _DocxNumbers:
    """Automatic numbering of a document: one definition with two levels, a list for each place at which a count starts anew."""

    def __init__(self, document: object) -> None:
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        self.numbering = document.part.numbering_part.element  # type: ignore[attr-defined]
        levels = "".join(
            f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:suff w:val="nothing"/>'
            f'<w:lvlText w:val="{shown}"/><w:lvlJc w:val="left"/></w:lvl>'
            for at, (_, style, shown) in enumerate(_MARKS)
        )
        definition = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>')
        self.numbering.insert(0, definition)
        self.lists = 900
        self.list_id = self._new_list({})
        self.counts = [0, 0]

    def without_mark(self, paragraph: object, line: str) -> str:
        """The words of a line; where it begins with a number, the paragraph is numbered and the number taken away."""
        for level, (mark, _, _) in enumerate(_MARKS):
            found = mark.match(line)
            if found is None or found[1] not in _NUMERALS:
                continue
            number = _NUMERALS.index(found[1])
            if number != self.counts[level] + 1:
                self.list_id = self._new_list({level: number})
            self.counts[level] = number
            self.counts[level + 1 :] = [0] * (len(self.counts) - level - 1)
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # type: ignore[attr-defined]
            properties.get_or_add_ilvl().val = level
            properties.get_or_add_numId().val = self.list_id
            return line[found.end() :]
        return line

    def _new_list(self, starts: dict[int, int]) -> int:
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        self.lists += 1
        overrides = "".join(
            f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
            for level, start in starts.items()
        )
        self.numbering.append(
            parse_xml(f'<w:num {nsdecls("w")} w:numId="{self.lists}"><w:abstractNumId w:val="90"/>{overrides}</w:num>')
        )
        return self.lists


def make_pdf(report: str) -> bytes:
    """The report as a PDF with a text layer, set like a government document: 三号字, indents, a header and a page number."""
    from reportlab.lib.enums import TA_CENTER
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    font = _pdf_font()
    style = ParagraphStyle("body", fontName=font, fontSize=16, leading=28, firstLineIndent=32, wordWrap="CJK")
    heading = ParagraphStyle("title", parent=style, fontSize=20, leading=32, firstLineIndent=0, alignment=TA_CENTER)

    def decorate(canvas: object, document: object) -> None:
        canvas.setFont(font, 10)  # type: ignore[attr-defined]
        canvas.drawCentredString(297, 800, title(report))  # type: ignore[attr-defined]
        canvas.drawCentredString(297, 30, f"— {document.page} —")  # type: ignore[attr-defined]

    out = BytesIO()
    story = [Paragraph(escape(line), heading if place == 0 else style) for place, line in enumerate(lines(report))]
    template = SimpleDocTemplate(out, pagesize=A4, leftMargin=74, rightMargin=74, topMargin=80, bottomMargin=80, invariant=1)
    template.build(story, onFirstPage=decorate, onLaterPages=decorate)
    return out.getvalue()


def _pdf_font() -> str:
    """The embedded font where it is installed; else a name that a viewer replaces, whose words can be read all the same."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    if not FONT.exists():
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        return "STSong-Light"
    if "ZenHei" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont("ZenHei", str(FONT), subfontIndex=0))
    return "ZenHei"


def make_images(pdf: bytes) -> list[bytes]:
    """The pages of a PDF as a scanner gives them: grey pictures."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        pages = []
        for page in document:
            out = BytesIO()
            page.render(scale=SCAN_DOTS / 72, grayscale=True).to_pil().save(out, "JPEG", quality=60)
            pages.append(out.getvalue())
    return pages


def make_scan(pdf: bytes) -> bytes:
    """A PDF whose pages are pictures only."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for image in make_images(pdf):
        canvas.drawImage(ImageReader(BytesIO(image)), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def make_xlsx(report: str) -> bytes:
    """The report in a workbook, a line in each row of one column."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "年度报告"
    for row, line in enumerate(lines(report), 1):
        sheet.cell(row, 1, line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def make_rtf(report: str) -> bytes:
    """The report as rich text, its characters written as the numbers that every word processor understands."""
    paragraphs = "".join(f"{{\\pard\\fi640\\fs32 {_rich(line)}\\par}}\n" for line in lines(report))
    header = f"{{\\header\\pard\\qc {_rich(title(report))}\\par}}{{\\footer\\pard\\qc {{\\field{{\\*\\fldinst PAGE}}}}\\par}}"
    return f"{{\\rtf1\\ansi\\ansicpg936\\deff0{{\\fonttbl{{\\f0\\fnil SimSun;}}}}{header}\n{paragraphs}}}".encode("ascii")


def _rich(words: str) -> str:
    """Words in rich text; characters above 32767 are written as negative numbers, as its specification has it."""
    codes = ((sign, ord(sign)) for sign in words)
    return "".join(
        f"\\u{code - 65536 if code > 32767 else code}?" if code > 126 or sign in "\\{}" else sign for sign, code in codes
    )


def make_mail(report: str) -> bytes:
    """The report as a mail that somebody sent it with."""
    mail = EmailMessage()
    mail["Subject"] = title(report)
    mail["From"] = "司法所 <sfs@example.org>"
    mail["To"] = "法治办 <fzb@example.org>"
    mail["Date"] = "Mon, 20 Jan 2025 09:30:00 +0800"
    mail["Message-ID"] = "<report@example.org>"
    mail.set_content("\n".join(lines(report)) + "\n", charset="utf-8", cte="base64")
    return mail.as_bytes()


def make_zip(report: str) -> bytes:
    """The report as a Word document in a zip archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("上报材料/年度报告.docx", make_docx(report))
    return out.getvalue()


def make_tar(report: str) -> bytes:
    """The report as a text in a compressed tar archive."""
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        data = report.encode()
        member = tarfile.TarInfo("上报材料/年度报告.txt")
        member.size = len(data)
        archive.addfile(member, BytesIO(data))
    return out.getvalue()


MAKERS: dict[str, Callable[[str], bytes]] = {
    **{f"{encoding}.txt": (lambda report, encoding=encoding: make_text(report, encoding)) for encoding in ENCODINGS},
    "html": make_html,
    "docx": make_docx,
    "pdf": make_pdf,
    "rtf": make_rtf,
    "xlsx": make_xlsx,
    "eml": make_mail,
    "zip": make_zip,
    "tar.gz": make_tar,
}
"""Formats that need no program beside Python, by the endings of their files."""


def office() -> str | None:
    """The program of LibreOffice, where it is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(files: list[Path], kind: str, folder: Path) -> None:
    """Has LibreOffice write files anew in another format (`doc`, `pdf`) into a folder, all in one run."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                office() or "soffice",
                f"-env:UserInstallation={Path(profile).as_uri()}",
                *("--headless", "--convert-to", kind, "--outdir", str(folder)),
                *map(str, files),
            ],
            check=True,
            capture_output=True,
            timeout=_CONVERSION_SECONDS,
        )


def make(names: list[str], folder: Path) -> None:
    """Writes the named reports in all formats into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        report = (SAMPLES / f"{name}.txt").read_text("utf-8")
        for ending, maker in MAKERS.items():
            (folder / f"{name}.{ending}").write_bytes(maker(report))
        if FONT.exists():
            pdf = make_pdf(report)
            (folder / f"{name}.scan.pdf").write_bytes(make_scan(pdf))
            (folder / f"{name}.scan.jpg").write_bytes(make_images(pdf)[0])
    if office():
        documents = [folder / f"{name}.docx" for name in names]
        convert(documents, "doc", folder)
        for name in names:
            shutil.copyfile(folder / f"{name}.doc", folder / f"{name}.wps")


def main(arguments: list[str]) -> None:
    """The command line: a folder, and names of reports."""
    if not arguments:
        sys.exit("usage: python -m samples.make_formats FOLDER [NAME …]")
    every = sorted(path.stem for path in SAMPLES.glob("*.txt"))
    make(arguments[1:] or every, Path(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
