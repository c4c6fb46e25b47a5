#!/usr/bin/env bash
# What pruning and quantising cost: measuring tasks with each encoder before and after, and the change in per cent.
#
#   models/cost.sh WORK TASK_DIR...   WORK: the scratch folder that models/make.sh filled
#
# Upstream's e5 has 4-bit blocks already, so its row is the cost of the smaller vocabulary alone. The tuned encoders
# were trained on the small vocabularies: what those cost is in the rows of the encoders they started from. What the English
# encoders make of Hindi tasks says nothing.
set -euo pipefail
work=${1:?give the scratch folder of models/make.sh}
shift
here=$(cd "$(dirname "$0")" && pwd)
cbp=${CBP:-cargo run --release --quiet -p cbp-cli --}

# compare NAME BEFORE AFTER TASK_DIR...: the tables of `cbp eval` side by side.
compare() {
    local name=$1 before=$2 after=$3
    shift 3
    paste <($cbp eval "$@" --model "$before" 2>/dev/null) <($cbp eval "$@" --model "$after" 2>/dev/null) |
        awk -F '\t' -v name="$name" \
            'NR > 1 { printf "%s\t%s\t%s\t%.4f\t%.4f\t%+.2f %%\n", name, $1, $3, $4, $13, 100 * ($13 / $4 - 1) }'
}

for whole in multilingual-e5-small cbp-e5; do
    [ -d "$work/$whole" ] || continue
    rm -rf "$work/$whole-centred"
    cp -rL "$work/$whole" "$work/$whole-centred"
    $cbp model centre "$work/$whole-centred" --texts "$here/recipes/centring.txt"
done
rm -rf "$work/minilm-small"
$cbp model quantise "$work/all-minilm-l6-v2-pruned" --words 4 --encoder 6 --out "$work/minilm-small"

printf 'encoder\ttask\tmetric\tbefore\tafter\tchange\n'
compare multilingual-e5-small "$work/multilingual-e5-small-centred" "$work/e5-base" "$@"
compare all-minilm-l6-v2 "$work/all-minilm-l6-v2" "$work/minilm-small" "$@"
if [ -d "$work/cbp-minilm" ] && [ -d "$work/cbp-e5" ]; then
    compare cbp-e5 "$work/cbp-e5-centred" "$here/cbp-e5" "$@"
    compare cbp-minilm "$work/cbp-minilm" "$here/cbp-minilm" "$@"
    # The bundle that ships, and the same of whole encoders; both without what labelled texts taught it.
    mkdir -p "$work/bundle-whole" "$work/bundle-small"
    sed -e 's|"../cbp-e5"|"../cbp-e5-centred"|' "$here/default/manifest.json" >"$work/bundle-whole/manifest.json"
    sed -e "s|\"../|\"$here/|" "$here/default/manifest.json" >"$work/bundle-small/manifest.json"
    compare bundle "$work/bundle-whole" "$work/bundle-small" "$@"
fi
