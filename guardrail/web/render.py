"""Templates to answers: one environment per language, a fresh nonce per page, and no page without its headers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from guardrail.web.security import page_headers
from guardrail.web.texts import LOCALES, Times, site_name, translations


class Pages:
    """The pages' templates, ready in every language."""

    def __init__(self) -> None:
        """Compile nothing yet; load the catalogues."""
        self._environments = {language: _environment(language) for language in LOCALES}

    def answer(  # noqa: PLR0913 - what differs from page to page, and nothing else
        self,
        template: str,
        language: str,
        context: Mapping[str, Any],
        *,
        status: int = 200,
        ancestors: str | None = None,
        connects: bool = False,
        leaves: bool = False,
    ) -> HTMLResponse:
        """Give the page `template` in `language`; the rest is as in page_headers."""
        nonce = secrets.token_urlsafe(18)
        text = (
            self._environments[language].get_template(template).render(**context, nonce=nonce, framed=bool(ancestors))
        )
        headers = page_headers(nonce, ancestors, connects=connects, leaves=leaves)
        headers["Content-Language"] = LOCALES[language].replace("_", "-")
        return HTMLResponse(text, status, headers=headers)


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("guardrail.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined] # added by the i18n extension at run time
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )
    environment.globals.update(
        lang=LOCALES[language].replace("_", "-"), language=language, times=Times(language), site_name=site_name
    )
    return environment
