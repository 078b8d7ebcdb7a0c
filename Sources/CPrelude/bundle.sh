#!/bin/sh
# Bundles the prelude's sources and the parts of core-js that JavaScriptCore lacks into prelude.js.
set -eu
cd "$(dirname "$0")"
NODE_PATH=/usr/share/nodejs esbuild source/main.js --bundle --minify --format=iife --platform=neutral \
    --main-fields=main --target=es2022 --legal-comments=none --log-level=warning --outfile="${1:-prelude.js}"
