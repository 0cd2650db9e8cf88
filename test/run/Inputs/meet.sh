#!/bin/sh
# meet.sh NAME COUNT: returns when so many have come here under that name, or never would; so that whoever counts how many were at work at
# once does not depend on how long they take.
touch "met.$1.$$"
tries=0
while
  set -- "$1" "$2" "met.$1".*
  [ $(($# - 2)) -lt "$2" ] && [ $tries -lt 600 ]
do
  tries=$((tries + 1))
  sleep 0.1
done
