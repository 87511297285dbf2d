#!/bin/sh
# cspell:ignore Omnibox
# Debian's Chromium at the least cost. Its headless shell has no windows to draw and takes two thirds of a processor's
# time; the whole browser is made to do without the pop-ups of its address bar, which are pages in a process of their
# own for each window. Added to Playwright's list, for Chromium heeds the last one only.
for argument; do
  shift
  case $argument in
    --disable-features=*) argument=$argument,WebUIOmniboxPopup,WebUIOmniboxAimPopup ;;
  esac
  set -- "$@" "$argument"
done
program=/usr/bin/chromium-headless-shell
[ -x "$program" ] || program=/usr/bin/chromium
exec "$program" "$@"
