# What the bodies of the conformance flows do: write who they are and what they were given, and end as the table of faults says.
# The table is the folder RUN.world/faults, a snippet for each attempt of an instance that has one; RUN.world/values and
# RUN.world/sets say what an instance computes and finds.
world=${BASH_SOURCE[0]%/*}
IFS=$' \t\n'
checkpoint_= values_=

# begin INSTANCE ATTEMPT MEMORY TIME
begin() {
  instance=$1 attempt=$2 text="attempt $2"$'\n'"memory $3"$'\n'"time $4"$'\n'
}

value() { text+="$1 $2"$'\n'; }

# files NAME FILE…: a reader copies the first line of each file it is given.
files() {
  local name=$1 file line
  shift
  for file; do
    IFS= read -r line <"$file"
    text+="$name $line"$'\n'
  done
}

checkpoint() { checkpoint_=$1; }
values() { values_=$1; }

# sign FILE NAME TEXT: its first line tells what it is made of.
sign() {
  local sum
  sum=$(printf %s "$3" | sha256sum)
  printf '%s %s\n%s' "${sum%% *}" "$2" "$3" >"$1"
}

fault() {
  out=$1
  # What an attempt leaves is gone when the next begins.
  if [[ -f $out ]]; then exit 97; fi
  if [[ -e $world/faults/$instance.$attempt ]]; then . "$world/faults/$instance.$attempt"; fi
}

# end FILE: the fault, or the result.
end() {
  fault "$1"
  sign "$1" "$instance" "$text"
  if [[ $checkpoint_ ]]; then sign "$checkpoint_" "$instance state" ""; fi
  if [[ -e $world/values/$instance ]]; then
    cp "$world/values/$instance" "$values_"
  elif [[ $values_ ]]; then
    echo '{"good": true, "n": 1}' >"$values_"
  fi
}

# members FOLDER: those of the set, each named by its keys.
members() {
  local key path whole
  mkdir -p "$1"
  fault "$1/none"
  whole=$(mktemp "$world/whole.XXXXXX")
  sign "$whole" "$instance" "$text"
  text=$(<"$whole")$'\n'
  rm "$whole"
  [[ -e $world/sets/$instance ]] || return 0
  while read -r key; do
    path=$1/${key/,//}.txt
    mkdir -p "${path%/*}"
    sign "$path" "$instance $key" "$text"
  done <"$world/sets/$instance"
}
