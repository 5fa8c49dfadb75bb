#!/bin/sh
# Keeps one bhyve. Arguments: uuid (only for whoever looks for this process), VM name, file for the
# exit code, file for bhyve's process number, bhyvectl, our end of the guest's console, file for what
# the guest writes there, then bhyve's own command line.
#
# SIGTERM is passed on: bhyve presses the guest's power button at it. What ends a terminal or a
# login must not end the VM.
set -u
name=$2 exit_file=$3 pid_file=$4 control=$5 console=$6 log=$7
shift 7

asked='' bhyve='' reader=''
trap 'asked=yes; [ -z "$bhyve" ] || kill -TERM "$bhyve" 2>/dev/null' TERM
trap '' HUP INT QUIT

# Keeps what the guest writes, whether somebody looks or not. The console can be opened once bhyve has
# the other end, and ends with it; by itself it would say back to the guest all that it says.
record() {
  [ -z "$reader" ] || kill "$reader" 2>/dev/null
  (
    exec <"$console" >>"$log" 2>/dev/null
    stty raw -echo
    exec cat
  ) &
  reader=$!
}

while :; do
  record
  "$@" &
  bhyve=$!
  echo "$bhyve" >"$pid_file"
  while :; do
    wait "$bhyve"
    code=$?
    # A signal to us also ends the wait; bhyve is still there then.
    kill -0 "$bhyve" 2>/dev/null || break
  done
  # 0: the guest rebooted. Not when it was asked to stop: it would come up again.
  { [ "$code" -eq 0 ] && [ -z "$asked" ]; } || break
done

kill "$reader" 2>/dev/null
"$control" "--vm=$name" --destroy 2>/dev/null
echo "$code" >"$exit_file.new" && mv "$exit_file.new" "$exit_file"
