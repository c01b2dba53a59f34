"""axe-core, an independent witness of accessibility (WCAG 2.2 AA and its own best practices), run in a window."""

from functools import cache

from tests.browser.windows import Window
from tools.node import witness

FOUND = """async () => (await axe.run()).violations.flatMap(({ id, help, nodes }) =>
  nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target} ${failureSummary}`))"""


@cache
def _axe() -> str:
    return witness("axe-core/axe.min.js").read_text(encoding="utf-8")


def violations(window: Window) -> list[str]:
    """What axe finds wrong with the page as it stands, and where."""
    window.page.evaluate(_axe())
    found: list[str] = window.page.evaluate(FOUND)
    return [f"{window.page.url} {window.page.viewport_size}: {one}" for one in found]
