# shellcheck shell=bash
# Building programs of Go's module proxy for the tests, with any Go at hand: Debian's old one too fetches the Go that they want
# from there, which is a module like any other.
readonly GO=1.24.7

# go_begin WORK: an empty folder WORK/module to build in, the toolchain in WORK/toolchain, all caches below WORK.
go_begin() {
  command -v go >/dev/null || { echo "Go is missing: apt-get install golang-go" >&2 && return 1; }
  rm -rf "$1/toolchain" "$1/module" "$1/new"
  mkdir --parents "$1/module"
  export GOPATH=$1/go GOMODCACHE=$1/go/mod GOCACHE=$1/go/build GOFLAGS=-modcacherw GOTOOLCHAIN=local
  unset GOROOT GOBIN
  (cd "$1/module" && go_toolchain "$1") || return 1
  # No go.sum is kept: the checksum database of Go answers for every module.
  export GOFLAGS="-modcacherw -mod=mod -trimpath -buildvcs=false"
}

# go_toolchain WORK: only its modes and one name are not kept in the proxy.
go_toolchain() {
  local arch folder
  arch=$(go env GOARCH)
  go mod download "golang.org/toolchain@v0.0.1-go$GO.linux-$arch"
  folder=$(go env GOMODCACHE)/golang.org/toolchain@v0.0.1-go$GO.linux-$arch
  cp --recursive "$folder" "$1/toolchain"
  chmod --recursive u+w "$1/toolchain"
  chmod +x "$1"/toolchain/bin/* "$1"/toolchain/pkg/tool/*/*
  cp "$1/toolchain/src/_go.mod" "$1/toolchain/src/go.mod"
}
