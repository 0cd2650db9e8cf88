#!/usr/bin/env bash
# hooks.sh TOOLS BUILD ROOT FOLDER: a repository with a flow and its artifacts, with our hooks by the real pre-commit, and our action by act, a
# runner of GitHub's workflows; first as it should be, then with mistakes. wfc is on PATH, but the action unpacks its own.
set -euo pipefail
tools=$1 build=$2 root=$3 folder=$4
export HOME=$folder/home XDG_CACHE_HOME=$folder/cache GIT_CONFIG_NOSYSTEM=1 PRE_COMMIT_COLOR=never
mkdir -p "$folder/home" "$folder/hooks"
git config --global user.name somebody
git config --global user.email somebody@example.org
git config --global init.defaultBranch main

# What a release is to pre-commit: a repository with the hooks at its root.
cp "$root/.pre-commit-hooks.yaml" "$folder/hooks"
git -C "$folder/hooks" init --quiet
git -C "$folder/hooks" add --all
git -C "$folder/hooks" commit --quiet --message hooks

mkdir -p "$folder/mine/.github/workflows"
cd "$folder/mine"
cp "$root/test/install/Inputs/flow.wf" "$root/action.yml" .
cat >.pre-commit-config.yaml <<TEXT
repos:
  - repo: $folder/hooks
    rev: $(git -C "$folder/hooks" rev-parse HEAD)
    hooks:
      - id: wfc-check
      - id: wfc-fmt
      - id: wfc-build-check
        args: [flow.wf, -o, out]
TEXT
cat >.github/workflows/flows.yml <<'TEXT'
on: push
jobs:
  flows:
    runs-on: here
    steps:
      - uses: actions/checkout@v4
      - uses: ./
        with:
          tarball: ${{ env.TARBALL }}
          builds: |
            flow.wf -o out
TEXT
wfc build flow.wf -o out
git init --quiet
git add --all
git commit --quiet --message flow
"$tools/pre-commit" install >/dev/null

cpack --config "$build/CPackConfig.cmake" -G TGZ -B "$folder/made" >/dev/null
action() {
  env PATH=/usr/bin:/bin "$tools/act" push --platform here=-self-hosted --env "TARBALL=$(echo "$folder"/made/wfc-*.tar.gz)" 2>&1 |
    sed 's/^\[[^]]*\] *//' | grep -E '^(⚙|❗|\| wfc|🏁|✅  Success - Main (install|check|artifacts)|❌  Failure - Main (check|artifacts))' | sed 's/ \[[0-9hm.µ]*s\]$//; s/^[^ ]* *//'
}

echo "== as it should be"
"$tools/pre-commit" run --all-files
action || true
echo "== an artifact edited by hand"
echo "# edited" >>out/jobs/measure.sh
git add --all
git commit --message edited 2>&1 && echo committed || echo "not committed"
git commit --quiet --no-verify --message edited
action || true
echo "== a mistake"
git reset --quiet --hard HEAD~1
sed -i 's/memory 64MiB/memory 64/' flow.wf
git add --all
git commit --message wrong 2>&1 && echo committed || echo "not committed"
git commit --quiet --no-verify --message wrong
action || true
echo "== another layout"
git reset --quiet --hard HEAD~1
sed -i 's/^    measured/  measured/' flow.wf
"$tools/pre-commit" run --all-files wfc-fmt || true
git status --short
