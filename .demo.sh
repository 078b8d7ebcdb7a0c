#!/usr/bin/env bash
# The main job, live: stand-ins for the vendors, a hub on this directory, five signed webhooks for five recipes. ONCE=1 ends by itself,
# with 0 only if every run succeeded and every effect arrived exactly once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
grapnel=${GRAPNEL:-.build/release/grapnel}
state=$(mktemp -d)
emulators=127.0.0.1:8090
export GRAPNEL_STATE="$state/state" GRAPNEL_KEY_FILE="$state/hub.key" GRAPNEL_EGRESS_ALLOW_PRIVATE=$emulators
export GRAPNEL_CONNECTIONS_SLACK_BASE_URL=http://$emulators/slack
export GRAPNEL_CONNECTIONS_CRM_BASE_URL=http://$emulators/hubspot
export GRAPNEL_CONNECTIONS_ENRICHMENT_BASE_URL=http://$emulators/http
for name in GITHUB_WEBHOOK_SECRET TWILIO_AUTH_TOKEN HUBSPOT_CLIENT_SECRET SLACK_BOT_TOKEN HUBSPOT_ACCESS_TOKEN \
    ENRICHMENT_API_KEY; do
    export "$name=demo-$(openssl rand -hex 12)"
done

"$grapnel" emulate --listen $emulators \
    --answer 'hubspot.getContact={"id":"751","properties":{"email":"ada@example.com","amount":"75000"}}' \
    --answer 'http.get={"company":"Analytical Engines","title":"Countess"}' >"$state/emulate.log" 2>&1 & emulate=$!
"$grapnel" up >"$state/up.log" 2>&1 & up=$!
trap 'kill $up $emulate 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$state"' EXIT
trap 'exit 130' INT TERM

for _ in $(seq 100); do
    if curl -s -o /dev/null http://127.0.0.1:8080/ && curl -s -o /dev/null http://$emulators/; then break; fi
    if ! kill -0 $up $emulate 2>/dev/null; then cat "$state"/*.log >&2; exit 1; fi
    sleep 0.1
done
cat "$state/up.log"

post() { echo; echo "── $1 $2"; "$grapnel" trigger "$@"; }
post github issues.opened
post sms message.received --set body.Body=hello
post crm contact.creation
post github push
post crm contact.propertyChange --set body.0.propertyName=lifecyclestage --set body.0.propertyValue=customer

for _ in $(seq 100); do
    left=$("$grapnel" runs list --json | grep -c '"state": "\(ready\|leased\|scheduled\)"' || true)
    outputs=$("$grapnel" effects list --json --delivery ready --delivery leased --delivery scheduled | grep -c '"id"' || true)
    if [ "$left" = 0 ] && [ "$outputs" = 0 ]; then break; fi
    sleep 0.1
done

echo; echo "── what happened: webhook verified, event stored, run, effects"
for run in $("$grapnel" runs list --json | sed -n 's/^ *"id": "\(run_[^"]*\)".*/\1/p' | tac); do
    "$grapnel" runs show "$run"; echo
done
echo "── what the vendors received"
grep '^20' "$state/emulate.log"
echo; echo "── what the hub knows of it"
"$grapnel" effects list
tally=$(curl -s http://$emulators/_emulator/effects)

if [ "${ONCE:-}" ]; then
    runs=$("$grapnel" runs list --status succeeded --json | grep -c '"id": "run_' || true)
    effects=$("$grapnel" effects list --status confirmed --json | grep -c '"id": "eff_' || true)
    keys=$(echo "$tally" | sed -n 's/.*"keys":\([0-9]*\).*/\1/p')
    received=$(echo "$tally" | sed -n 's/.*"received":\([0-9]*\),"applied":[0-9]*}$/\1/p')
    echo; echo "$runs of 5 runs succeeded; $effects effects, $keys keys at the vendors, $received requests"
    [ "$runs" = 5 ] && [ "$effects" = 8 ] && [ "$effects" = "$keys" ] && [ "$keys" = "$received" ]
    exit
fi

cat <<NEXT

The hub is up. In another terminal, in this directory:
  export GRAPNEL_STATE=$GRAPNEL_STATE
  $grapnel events
  $grapnel runs show <id>
  $grapnel effects
  curl -s http://$emulators/_emulator/requests
Ctrl-C ends it.
NEXT
wait $up
