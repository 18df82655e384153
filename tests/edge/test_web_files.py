"""The widget as it is served: one file, packed, under an address that names its content."""

import gzip
import re
from collections.abc import Callable
from typing import Any, cast

import brotli
import pytest

from mangaassist.edge.web_files import FILES, joined, lean
from tests.edge.rest_client import Caller

UNPACK: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": cast(Any, brotli).decompress,
}
SOURCES = {
    "a.js": """import { twice } from "./b-c.js";
import words from "./words.js";
export function go() {
  return twice(words.one);
}
""",
    "b-c.js": "export const twice = (x) => x + x;\n",
    "words.js": 'export default { one: "1" };\n',
}


def test_modules_become_one_that_exports_what_the_entry_does() -> None:
    whole = joined("a.js", SOURCES)
    assert "import" not in whole
    assert re.findall(r"^export .*$", whole, re.M) == ["export function go() {"]
    assert whole.startswith('const twice = (x) => x + x;\nconst words = { one: "1" };\n')


def test_modules_that_need_each_other_are_refused() -> None:
    ring = {**SOURCES, "words.js": 'import { go } from "./a.js";\nexport default {};\n'}
    with pytest.raises(ValueError, match=r"a\.js > words\.js > a\.js"):
        joined("a.js", ring)


@pytest.mark.parametrize(
    "declared", ["function twice() {}", "const go = 1;", "class words {}", "export let twice = 2;"]
)
def test_a_name_that_two_modules_declare_is_refused(declared: str) -> None:
    with pytest.raises(ValueError, match=r"both declare (twice|go|words)"):
        joined(
            "a.js", {**SOURCES, "d.js": f"{declared}\n", "b-c.js": 'import { d } from "./d.js";\n' + SOURCES["b-c.js"]}
        )


@pytest.mark.parametrize("line", ['import { twice as two } from "./b-c.js";', 'import others from "./words.js";'])
def test_what_is_called_by_another_name_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="by another name"):
        joined("a.js", {**SOURCES, "a.js": f"{line}\n"})


def test_what_stands_in_quotes_stays_as_it_is() -> None:
    source = '/** Says it. */\nfunction say() {\n  // aloud\n  return "a : b" + `c = ${d} // e`; // now\n}\n'
    assert lean(source) == 'function say(){return"a : b"+`c = ${d} // e`;}'


def test_a_style_sheet_loses_its_space_and_nothing_else() -> None:
    assert lean("const SHEET = `\n* > a:hover { width: calc(1px - 2px); }\n`;\n") == (
        "const SHEET=`*>a:hover{width:calc(1px - 2px)}`;"
    )


def test_what_stands_between_two_templates_is_no_style_sheet() -> None:
    source = "const one = `1`\nconst far = here /* or there */ || { x : 1 };\nconst two = `${far}  ;`;\n"
    assert lean(source) == "const one=`1`\nconst far=here||{x:1};const two=`${far}  ;`;"


async def test_the_entry_names_the_rest_by_its_content_and_is_asked_for_anew(caller: Caller) -> None:
    entry = await caller.get("/widget/widget.js")
    assert entry.headers["cache-control"] == "no-cache"
    (address,) = set(re.findall(r'"\./([0-9a-f]{16}/conversation\.js)"', entry.body.decode()))
    rest = await caller.get(f"/widget/{address}")
    assert rest.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert b"\nimport " not in rest.body
    again = await caller.get("/widget/widget.js", if_none_match=entry.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert (await caller.get("/widget/0000000000000000/conversation.js")).status == 404


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, br", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("GZIP;q=0.5,br;q=0.000", "gzip"),
        ("brr, identity", None),
        ("", None),
    ],
)
async def test_files_come_packed_to_who_can_unpack_them(caller: Caller, accepted: str, encoding: str | None) -> None:
    plain = await caller.get("/widget/widget.js")
    packed = await caller.get("/widget/widget.js", accept_encoding=accepted)
    assert packed.headers.get("content-encoding") == encoding
    assert packed.headers["vary"] == "accept-encoding"
    assert UNPACK[encoding](packed.body) == plain.body


def test_a_shopper_loads_little() -> None:
    """The launcher at once, the conversation when it is wanted."""
    conversation = next(file for path, file in FILES.items() if path.endswith("/conversation.js"))
    launcher = FILES["widget.js"]
    assert len(launcher.packed["gzip"]) <= 4 * 1024
    assert len(launcher.packed["gzip"]) + len(conversation.packed["gzip"]) <= 30 * 1024
    assert len(launcher.packed["br"]) + len(conversation.packed["br"]) <= 27 * 1024
