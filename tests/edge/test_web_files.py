"""The widget as it is served: one file, packed, under an address that names its content."""

import gzip
import re

import pytest

from mangaassist.edge.web_files import FILES, joined, lean
from tests.edge.rest_client import Caller

SOURCES = {
    "a.js": """import { twice } from "./b-c.js";
import words from "./d.js";
export function go() {
  return twice(words.one);
}
""",
    "b-c.js": "export const twice = (x) => x + x;\n",
    "d.js": 'export default { one: "1" };\n',
}


def test_modules_become_one_that_exports_what_the_entry_does() -> None:
    whole = joined("a.js", SOURCES)
    assert "import" not in whole
    assert re.findall(r"^export .*$", whole, re.M) == ["export function go() {"]
    assert whole.index("const $b_c") < whole.index("const { twice } = $b_c")


def test_modules_that_need_each_other_are_refused() -> None:
    ring = {**SOURCES, "d.js": 'import { go } from "./a.js";\nexport default {};\n'}
    with pytest.raises(ValueError, match=r"a\.js > d\.js > a\.js"):
        joined("a.js", ring)


def test_what_stands_in_quotes_stays_as_it_is() -> None:
    source = '/** Says it. */\nfunction say() {\n  // aloud\n  return "a : b" + `c = ${d} // e`; // now\n}\n'
    assert lean(source) == 'function say(){\nreturn "a : b" + `c = ${d} // e`;\n}\n'


def test_a_style_sheet_loses_its_space_and_nothing_else() -> None:
    assert lean("const SHEET = `\n* > a:hover { width: calc(1px - 2px); }\n`;\n") == (
        "const SHEET=`\n* > a:hover{width:calc(1px - 2px);}`;\n"
    )


async def test_the_entry_names_the_rest_by_its_content_and_is_asked_for_anew(caller: Caller) -> None:
    entry = await caller.get("/widget/widget.js")
    assert entry.headers["cache-control"] == "no-cache"
    (address,) = set(re.findall(r'"\./([0-9a-f]{16}/conversation\.js)"', entry.body.decode()))
    rest = await caller.get(f"/widget/{address}")
    assert rest.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert rest.body.startswith(b"const $")
    again = await caller.get("/widget/widget.js", if_none_match=entry.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert (await caller.get("/widget/0000000000000000/conversation.js")).status == 404


async def test_files_come_packed_to_who_can_unpack_them(caller: Caller) -> None:
    plain = await caller.get("/widget/widget.js")
    packed = await caller.get("/widget/widget.js", accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert gzip.decompress(packed.body) == plain.body


def test_a_shopper_loads_little() -> None:
    """The launcher at once, the conversation when it is wanted."""
    conversation = next(file for path, file in FILES.items() if path.endswith("/conversation.js"))
    assert len(FILES["widget.js"].packed) <= 4 * 1024
    assert len(conversation.packed) <= 28 * 1024
