"""How the documentation site is made of the repository's own Markdown, so that GitHub and the site show the same files."""

project = "MangaAssist"
copyright = "MangaAssist, Apache-2.0"

root_doc = "docs/index"
include_patterns = ["*.md", "docs/*.md", "examples/**/README.md", "training/**.md", "deploy/cluster/README.md"]
exclude_patterns = [".*", "**/.*", "src", "tests", "benchmarks", "shared", "data", "dist", "site", "**/node_modules"]

extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_enable_extensions = ["html_image"]
nitpicky = True
smartquotes = False
suppress_warnings = [
    "misc.highlighting_failure"
]  # examples with an ellipsis in them are shown as they are, without colours

html_theme = "furo"
html_title = "MangaAssist"
html_static_path = ["static"]
html_css_files = ["site.css"]
templates_path = ["templates"]
html_additional_pages = {"index": "moved.html"}
html_copy_source = False
html_use_index = False
