"""The category tree as the products name it: one node per path, parents first."""

from collections.abc import Iterable

from huitou.apps.products.models import Category

UNKNOWN_CATEGORY = "未分类"


def category_path_clean(path: str) -> str:
    """Return the path without empty parts and spaces around its parts: " 生鲜 // 蔬菜" is "生鲜/蔬菜"."""
    return "/".join(part.strip() for part in path.split("/") if part.strip())


def category_nodes(paths: Iterable[str]) -> set[str]:
    """Return the clean paths and all paths above them."""
    nodes = set()
    for path in map(category_path_clean, paths):
        parts = path.split("/")
        nodes |= {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    return nodes


def category_ids_ensure(paths: Iterable[str]) -> dict[str, int]:
    """Return the id of every node there is, by path, after making those of these paths that are missing, parents first."""
    ids: dict[str, int] = dict(Category.objects.values_list("path", "id"))
    for path in sorted(category_nodes(paths) - ids.keys(), key=_parents_first):
        ids[path] = category_make(path, parent_id=ids.get(_above(path))).pk
    return ids


def categories_restore(ids: dict[str, int]) -> None:
    """Make the nodes of these paths under these ids, in the caller's transaction; known nodes stay as they are."""
    known = set(Category.objects.values_list("path", flat=True))
    for path in sorted(ids.keys() - known, key=_parents_first):
        category_make(path, parent_id=ids.get(_above(path)), row_id=ids[path])


def category_make(path: str, *, parent_id: int | None, row_id: int | None = None) -> Category:
    """Make one node, under the next id unless one is given."""
    return Category.objects.create(
        id=row_id, path=path, name=path.rpartition("/")[2], parent_id=parent_id, level=path.count("/") + 1
    )


def _above(path: str) -> str:
    return path.rpartition("/")[0]


def _parents_first(path: str) -> tuple[int, str]:
    return path.count("/"), path
