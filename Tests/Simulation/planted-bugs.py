"""Plants the bugs of the folder Bugs one after another in a copy of the package, and has the simulation look for each.

Prints a line for each: the invariant that did not hold, and the seed. Fails unless all are found. A file of Bugs says
in which file which text is replaced by which; nothing of it is in the hub itself.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def parse(text):
    """The invariant that a bug breaks, and its edits: file, text to find, text to put there."""
    breaks, file, edits, part, find, lines = "", "", [], None, "", []

    def close():
        if part == "replace":
            edits.append((file, find, "\n".join(lines)))

    for line in text.split("\n")[:-1]:
        if line == "--- find":
            close()
            part, lines = "find", []
        elif line == "--- replace":
            find, part, lines = "\n".join(lines), "replace", []
        elif line.startswith("file: ") and part != "find":
            close()
            part, file = None, line[len("file: "):]
        elif line.startswith("breaks: ") and part is None:
            breaks = line[len("breaks: "):]
        else:
            lines.append(line)
    close()
    return breaks, edits


def copy(root, package):
    """Copies what git knows, and leaves alone what is the same, so that a build goes on from the last one."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True,
                           capture_output=True, text=True).stdout.split("\n")
    for folder in ["Sources", "Tests"]:
        for path, _, files in os.walk(os.path.join(package, folder)):
            for file in files:
                # What is no more would be compiled all the same.
                if os.path.relpath(os.path.join(path, file), package) not in names:
                    os.remove(os.path.join(path, file))
    for name in filter(None, names):
        source, target = os.path.join(root, name), os.path.join(package, name)
        if not os.path.isfile(source):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(source, "rb") as file:
            new = file.read()
        if os.path.exists(target):
            with open(target, "rb") as file:
                if file.read() == new:
                    continue
        shutil.copy(source, target)


def build(package, swift):
    result = subprocess.run([swift, "build", "--product", "grapnel-simulate"], cwd=package, capture_output=True,
                            text=True)
    return None if result.returncode == 0 else result.stdout[-3000:]


def hunt(package, seeds, jobs):
    """What the simulation finds: the invariant and the seed, or nothing."""
    result = subprocess.run([".build/debug/grapnel-simulate", "--seeds", str(seeds), "--jobs", str(jobs)], cwd=package,
                            capture_output=True, text=True, errors="replace")
    if result.returncode == 0:
        return None
    found = re.search(r"^seed (\d+) of commit \S+ fails: (\S+) (\w+)", result.stdout, re.MULTILINE)
    if found:
        return found.group(2), found.group(3), found.group(1)
    return "crash", "the process died", re.sub(r"\D", "", result.stdout.split("\n")[0]) or "?"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--package", help="a copy of the package that is used as it is")
    arguments.add_argument("--seeds", type=int, default=20000, help="seeds for each bug")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    arguments.add_argument("--swift", default="swift")
    arguments.add_argument("only", nargs="*", help="parts of the names of bugs; all without any")
    options = arguments.parse_args()
    package = os.path.abspath(options.package or os.path.join(root, ".build", "planted"))
    if not options.package:
        copy(root, package)
    names = sorted(name for name in os.listdir(os.path.join(here, "Bugs")) if name.endswith(".bug"))
    names = [name for name in names if not options.only or any(part in name for part in options.only)]
    missed = []
    for name in names:
        breaks, edits = parse(read(os.path.join(here, "Bugs", name)))
        originals = {file: read(os.path.join(package, file)) for file, _, _ in edits}
        began = time.monotonic()
        try:
            texts = dict(originals)
            for file, find, replacement in edits:
                if texts[file].count(find) != 1:
                    sys.exit(f"{name}: its text is {texts[file].count(find)} times in {file}")
                texts[file] = texts[file].replace(find, replacement)
            for file, text in texts.items():
                write(os.path.join(package, file), text)
            problem = build(package, options.swift)
            found = None if problem else hunt(package, options.seeds, options.jobs)
        finally:
            for file, text in originals.items():
                write(os.path.join(package, file), text)
        took = time.monotonic() - began
        if problem:
            print(f"{name[:-4]:45} does not build\n{problem}", flush=True)
        elif found:
            print(f"{name[:-4]:45} found   {found[0]:5} {found[1]:26} seed {found[2]:>6}  (breaks {breaks}) {took:.0f} s",
                  flush=True)
        else:
            print(f"{name[:-4]:45} NOT FOUND in {options.seeds} seeds (breaks {breaks}) {took:.0f} s", flush=True)
        if problem or not found:
            missed.append(name)
    print(f"{len(names) - len(missed)} of {len(names)} planted bugs found")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
