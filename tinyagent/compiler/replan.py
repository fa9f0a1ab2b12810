"""One second try with the error in view: what was named does not exist, so the toolset is searched for what comes near.

LLMCompiler's joiner (arXiv 2312.04511) decides after the calls whether to plan again. Here the error decides: only a
name that nothing has (`NotFoundError`) leads to a search, which looks and changes nothing; every other failure is told
as it is. A second try that fails is not tried again.
"""

from __future__ import annotations

from collections.abc import Mapping

from tinyagent.calls import Call, Effect, Result, Tool
from tinyagent.errors import NotFoundError
from tinyagent.grounding.mentions import named
from tinyagent.tools.registry import Catalogue

NOT_FOUND = NotFoundError.__name__


def second_try(results: Mapping[int, Result], tools: Catalogue) -> Call | None:
    """Return a search for what the first call that found nothing named, None where there is nothing to search with."""
    used = {result.call.tool for result in results.values()}
    for index in sorted(results):
        result = results[index]
        if result.status != "failed" or result.error != NOT_FOUND or result.call.tool not in tools:
            continue
        failed = tools[result.call.tool]
        words = named(result.call.args)
        search = _search(failed, tools)
        if words and search and search.name not in used:
            return Call(search.name, {"query": words}, {"query": words})
    return None


def _search(failed: Tool, tools: Catalogue) -> Tool | None:
    """Return the tool of the same toolset that looks for words and needs nothing else."""
    for tool in tools:
        query = next((p for p in tool.parameters if p.name == "query" and p.type == "text"), None)
        alone = all(not p.required or p.name == "query" for p in tool.parameters)
        if query and alone and tool.toolset == failed.toolset and tool.effect is Effect.READ:
            return tool if tool.name != failed.name else None
    return None
