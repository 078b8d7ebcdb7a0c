#!/bin/sh
# Lists in files.inc the files of connectors/ that the program carries with it: all but READMEs and tests.
set -eu
cd "$(dirname "$0")"
root=../../connectors
list=$(cd $root && find . -type f ! -name README.md ! -path '*/tests/*' | sed 's|^\./||' | LC_ALL=C sort)
{
    echo "// Made by list.sh."
    number=0
    for path in $list; do
        printf 'static const unsigned char file_%d[] = {\n#embed "%s/%s" if_empty(0)\n};\n' $number $root "$path"
        number=$((number + 1))
    done
    echo "static const grapnel_connector_file files[] = {"
    number=0
    for path in $list; do
        printf '    {"%s", file_%d, sizeof(file_%d)},\n' "$path" $number $number
        number=$((number + 1))
    done
    echo "};"
} >"${1:-files.inc}"
