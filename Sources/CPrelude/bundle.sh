#!/bin/sh
# Bundles the prelude's sources into prelude.js.
set -eu
cd "$(dirname "$0")"
esbuild source/main.js --bundle --minify --format=iife --platform=neutral --target=es2022 \
    --legal-comments=none --log-level=warning --outfile="${1:-prelude.js}"
