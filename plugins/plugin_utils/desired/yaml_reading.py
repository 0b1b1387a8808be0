# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads a text as YAML, with Ansible's two tags; what Ansible would take silently and people hardly mean is refused."""

from __future__ import annotations

from typing import Any

import yaml

from ..errors import InputError

# A few lines of anchors can stand for more values than any memory holds.
_MOST_VALUES = 2_000_000


class Unsafe(str):
    """Text that Ansible must not take for a template."""


def parsed(name: str, text: str) -> Any:
    """The values of one document; raises InputError naming the file and, where it is known, the line."""
    try:
        loader = _Loader(text)
    except yaml.YAMLError as error:
        # Characters that no YAML may hold are found when the text is taken, not when it is parsed.
        raise InputError(f"is no YAML: {error}".splitlines()[0], path=name) from None
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _weigh(node, name)
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError(f"is no YAML{where}: {getattr(error, 'problem', None) or 'it cannot be read'}", path=name) from None
    except RecursionError:
        raise InputError("is nested too deeply to be a declaration", path=name) from None
    except (ValueError, OverflowError) as error:
        raise InputError(f"holds a value that cannot be read: {error}", path=name) from None
    finally:
        loader.dispose()


def _weigh(top: yaml.Node, name: str) -> None:
    """Refuses values that hold themselves, and more values than a declaration has once its aliases are followed."""
    weights: dict[int, int] = {}
    if _weight(top, name, weights, set()) > _MOST_VALUES:
        raise InputError(f"stands for more than {_MOST_VALUES} values once its aliases are followed", path=name)


def _weight(node: yaml.Node, name: str, weights: dict[int, int], around: set[int]) -> int:
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in weights:
        return weights[id(node)]
    if id(node) in around:
        raise InputError(f"has an alias at line {node.start_mark.line + 1} that stands for what it is part of", path=name)
    around.add(id(node))
    if isinstance(node, yaml.MappingNode):
        _refuse_twins(node, name)
        parts = [part for pair in node.value for part in pair]
    else:
        parts = node.value
    weights[id(node)] = 1 + sum(_weight(part, name, weights, around) for part in parts)
    around.discard(id(node))
    return weights[id(node)]


def _refuse_twins(node: yaml.MappingNode, name: str) -> None:
    """Of a key that stands twice YAML keeps the last value; whoever wrote the first one means it, too."""
    seen: set[str] = set()
    for key, _value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value in seen:
            raise InputError(
                f"has the key {key.value!r} twice in one dictionary, again at line {key.start_mark.line + 1}; only the last would count", path=name
            )
        if isinstance(key, yaml.ScalarNode):
            seen.add(key.value)


class _Loader(yaml.SafeLoader):
    pass


def _unsafe(loader: yaml.SafeLoader, node: yaml.Node) -> Unsafe:
    return Unsafe(loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else "")


def _encrypted(_loader: yaml.SafeLoader, _node: yaml.Node) -> str:
    """A vault's own text: what it holds is not known here."""
    return "{{ vault_value }}"


_Loader.add_constructor("!unsafe", _unsafe)
_Loader.add_constructor("!vault", _encrypted)
