"""Invented pages of government web sites, in the layouts that such sites have had: each puts the same lines on a page."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

NAVIGATION = """<div class="top-nav"><ul><li><a href="/">首页</a></li><li><a href="/zw/">政务公开</a></li>
<li><a href="/fw/">办事服务</a></li><li><a href="/hd/">互动交流</a></li></ul></div>
<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/zw/">政务公开</a> &gt;
<a href="/zw/fz/">法治政府建设</a></div>"""
FOOTER = """<div class="share">分享到：<a href="#">微信</a><a href="#">微博</a></div>
<div class="footer"><p>主办：青禾镇人民政府　承办：党政办公室　电话：0577-5550123</p>
<p>网站标识码：3300009999　您是第 81326 位访问者</p><p>版权所有　未经许可不得转载，不得镜像，违者必究。</p></div>
<script>document.write("<p>今日访问 977 人次。</p>");</script>"""
INDEX = [
    ("索引号", "002611459/2024-00321"),
    ("发布机构", "青禾镇人民政府"),
    ("发文字号", "青政发〔2024〕3号"),
    ("成文日期", "2024-01-12"),
]


def _paragraphs(lines: list[str]) -> str:
    return "\n".join(f"<p style='text-indent: 2em'>{escape(line)}</p>" for line in lines)


def _page(body: str, title: str, head: str = "") -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}_青禾镇人民政府</title>{head}'
    return f'<!DOCTYPE html>\n<html lang="zh"><head>{head}</head>\n{body}</html>'


def plain(title: str, lines: list[str]) -> str:
    """A page of today: divisions with names, the index in a table of two pairs a row."""
    pairs = "".join(
        f"<tr><td>{a[0]}</td><td>{a[1]}</td><td>{b[0]}：</td><td>{b[1]}</td></tr>"
        for a, b in zip(INDEX[::2], INDEX[1::2], strict=True)
    )
    return _page(
        f"""<body>{NAVIGATION}<table class="xxgk">{pairs}</table>
<div class="article"><h1>{escape(title)}</h1><div id="zoom" class="TRS_Editor">{_paragraphs(lines)}</div></div>
{FOOTER}</body>""",
        title,
    )


def nested_tables(title: str, lines: list[str]) -> str:
    """A page of twenty years ago: tables within tables to lay it out, line breaks in place of paragraphs, upper case."""
    text = "<BR>\n".join(f"&nbsp;&nbsp;&nbsp;&nbsp;{escape(line)}" for line in lines)
    index = "".join(f"<TR><TD><B>{label}</B></TD><TD>{value}</TD></TR>" for label, value in INDEX)
    return f"""<HTML><HEAD><TITLE>{title}</TITLE><META http-equiv=Content-Type content="text/html; charset=gb2312"></HEAD>
<BODY bgColor=#ffffff><TABLE width=1000 border=0><TR><TD width=200><TABLE><TR><TD><A href="a.htm">本镇概况</A></TD></TR>
<TR><TD><A href="b.htm">领导之窗</A></TD></TR><TR><TD><A href="c.htm">通知公告</A></TD></TR></TABLE></TD>
<TD><TABLE>{index}</TABLE><TABLE width="100%"><TR><TD align=middle><FONT size=5><B>{title}</B></FONT></TD></TR>
<TR><TD><FONT size=3>{text}</FONT></TD></TR></TABLE></TD></TR></TABLE>
<TABLE width=1000><TR><TD align=middle>版权所有 青禾镇人民政府 访问量：81326</TD></TR></TABLE></BODY></HTML>"""


def from_word(title: str, lines: list[str]) -> str:
    """Text pasted from Word: spans around every few characters, empty paragraphs, conditional comments, the index in a list."""
    spans = "\n".join(
        "<p class=MsoNormal style='text-indent:32.0pt'>"
        + "".join(f"<span lang=EN-US style='font-size:16pt'>{escape(line[n : n + 7])}</span>" for n in range(0, len(line), 7))
        + "<o:p></o:p></p><p class=MsoNormal>&nbsp;</p>"
        for line in lines
    )
    index = "".join(f"<li><b>{label}：</b><span>{value}</span></li>" for label, value in INDEX)
    return _page(
        f"""<body><!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->{NAVIGATION}
<ul class="index">{index}</ul><div class=WordSection1><p align=center><b>{escape(title)}</b></p>{spans}</div>{FOOTER}</body>""",
        title,
        "<style>p.MsoNormal {margin: 0cm}</style>",
    )


def sections(title: str, lines: list[str]) -> str:
    """Sections, asides and a footer by their own elements, the index as a list of definitions, related pages at the side."""
    index = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in INDEX)
    related = "".join(f'<li><a href="/{n}.html">青禾镇召开第{n}次工作会议，研究部署法治建设。</a></li>' for n in range(2, 9))
    parts = "".join(f"<section><p>{escape(line)}</p></section>" for line in lines)
    return _page(
        f"""<body><header><nav><a href="/">首页</a><a href="/zw">政务公开</a></nav></header><dl>{index}</dl>
<main><article><h2>{escape(title)}</h2>{parts}</article></main>
<aside><h3>相关信息</h3><ul>{related}</ul><p>全年共调解矛盾纠纷999起，群众满意率99.9%。</p></aside>
<ul>{related}</ul><footer><p>本站由青禾镇人民政府主办，已安全运行3650天。</p></footer></body>""",
        title,
    )


def loose(title: str, lines: list[str]) -> str:
    """Text straight in the form that the page is, an unclosed paragraph for each line, a hidden copy of another year."""
    hidden = "".join(f"<p>{escape(line.replace('2023', '2022'))}" for line in lines)
    text = "".join(f"<p>{escape(line)}\n" for line in lines)
    return f"""<!-- saved from url=(0042)http://www.example.com/zw/fz/2024/t20240112.html -->
<html><head><title>{title}</title></head><body><form name="form1" action="/search">{NAVIGATION}
<select><option>2023年<option>2022年</select>
<div style="display: none">{hidden}</div><center><h3>{title}</h3></center>{text}</form></body></html>"""


LAYOUTS: dict[str, Callable[[str, list[str]], str]] = {
    layout.__name__: layout for layout in (plain, nested_tables, from_word, sections, loose)
}
