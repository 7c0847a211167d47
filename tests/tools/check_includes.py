#!/usr/bin/env python3
"""Checks every include of src/ and apps/ against the tables of docs/architecture.md.

  check_includes.py [--root DIR]

The tables are read from the page itself, so that page and check cannot drift apart. Prints one line per violation, as
compilers do; exit code 1 when there is one, 2 when the page cannot be read as tables.
"""

import argparse
import pathlib
import re
import sys

HOUSE_TABLE = "| folder | question it answers |"
THIRD_PARTY_TABLE = "| headers | only in |"
OPEN_TABLE = "| subfolder | its headers are for |"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FREE_FOLDERS = {"base"}  # every folder may use these
GENERATED = {"trtprof/base/build_info.h"}


class PageError(Exception):
    pass


def table_rows(page, header_start):
    lines = iter(page.splitlines())
    if not any(line.startswith(header_start) for line in lines):
        raise PageError(f"no table that begins with '{header_start}'")
    next(lines, None)  # the rule below the header
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    if not rows:
        raise PageError(f"the table '{header_start}' is empty")
    return rows


def read_house(page):
    """Folder name -> the set of folder names it may use."""
    cells = {}
    for row in table_rows(page, HOUSE_TABLE):
        match = re.fullmatch(r"`(?:src/trtprof/([a-z_]+)|(apps)/tensorrt_profiling)/`", row[0])
        if not match or len(row) != 3:
            raise PageError(f"not a row of folder, question, may use: {' | '.join(row)}")
        cells[match.group(1) or match.group(2)] = row[2]
    house = {}
    for folder, cell in cells.items():
        if cell == "everything":
            house[folder] = set(cells) - {folder}
            continue
        names = set() if cell == "–" else {name.strip() for name in cell.split(",")}
        unknown = names - set(cells)
        if unknown:
            raise PageError(f"{folder} may use '{', '.join(sorted(unknown))}', which is no folder of the table")
        house[folder] = names | (FREE_FOLDERS - {folder})
    return house


def read_third_parties(page):
    """Include prefix -> the folders that may include it."""
    allowed = {}
    for headers, folders in table_rows(page, THIRD_PARTY_TABLE):
        for prefix in re.findall(r"`([^`]+)`", headers):
            allowed[prefix] = {folder.strip() for folder in folders.split(",")}
    return allowed


def read_open_subfolders(page):
    """'optimize/precision' -> the folders that may include its headers. Those of other subfolders are private."""
    if OPEN_TABLE not in page:
        return {}
    return {row[0].strip("`").rstrip("/"): {name.strip() for name in row[1].split(",")}
            for row in table_rows(page, OPEN_TABLE)}


def cycle_in(house):
    """A list of folders that use each other in a circle, or None."""
    done, path = set(), []

    def visit(folder):
        if folder in path:
            return path[path.index(folder):] + [folder]
        if folder in done:
            return None
        path.append(folder)
        for used in sorted(house[folder]):
            found = visit(used)
            if found:
                return found
        path.pop()
        done.add(folder)
        return None

    for folder in sorted(house):
        found = visit(folder)
        if found:
            return found
    return None


def sources(root):
    for top in ("src/trtprof", "apps"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cpp", ".cu", ".cuh"):
                yield path


def folder_of(relative):
    """('base', 'base') or ('backend', 'backend/openvino'): the folder of the table, and the full one."""
    parts = relative.parts
    if parts[0] == "apps":
        return "apps", "apps"
    inside = parts[2:-1]
    return (inside[0] if inside else "", "/".join(inside))


def is_private(header, folder, full_folder, open_subfolders):
    """'trtprof/backend/openvino/x.h' is for backend/openvino alone, unless the page opens the subfolder."""
    subfolder = "/".join(header.split("/")[1:-1])
    inside = "/" not in subfolder or f"{full_folder}/".startswith(f"{subfolder}/")
    return not inside and folder not in open_subfolders.get(subfolder, set())


def violations(root, house, third_parties, open_subfolders):
    for path in sources(root):
        relative = path.relative_to(root)
        folder, full_folder = folder_of(relative)
        if folder not in house:
            yield f"{relative}:1: folder '{folder}' is not in the table of docs/architecture.md"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            bracket, header = match.groups()
            where = f"{relative}:{number}"
            if header.startswith("trtprof/"):
                used = header.split("/")[1]
                if bracket == "<":
                    yield f"{where}: <{header}> is ours: write it in quotes"
                if header not in GENERATED and not (root / "src" / header).is_file():
                    yield f"{where}: there is no {header}"
                elif used != folder and used not in house[folder]:
                    yield f"{where}: {folder} may not use {used}"
                elif is_private(header, folder, full_folder, open_subfolders):
                    yield f"{where}: {header} is private to its folder"
            elif bracket == '"' and (folder != "apps" or "/" in header):
                yield f'{where}: write "{header}" with its path from src/'
            for prefix, folders in third_parties.items():
                if header.startswith(prefix) and folder not in folders and full_folder not in folders:
                    yield f"{where}: <{prefix}...> only in {', '.join(sorted(folders))}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    root = parser.parse_args().root
    try:
        page = (root / "docs/architecture.md").read_text(encoding="utf-8")
        house = read_house(page)
        third_parties = read_third_parties(page)
        open_subfolders = read_open_subfolders(page)
    except (OSError, PageError) as error:
        print(f"docs/architecture.md: {error}", file=sys.stderr)
        return 2
    found = list(violations(root, house, third_parties, open_subfolders))
    circle = cycle_in(house)
    if circle:
        found.insert(0, f"docs/architecture.md: a cycle: {' -> '.join(circle)}")
    if not any(True for _ in sources(root)):
        found.append("src/trtprof: no source file found")
    print("\n".join(found) or "every include obeys the table")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
