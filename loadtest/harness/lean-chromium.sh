#!/bin/sh
# cspell:ignore Omnibox
# Debian's Chromium without the pop-ups of its address bar: pages in a process of their own for each window, which
# take more of a processor than the shop's page. Added to Playwright's list, for Chromium heeds the last one only.
for argument; do
  shift
  case $argument in
    --disable-features=*) argument=$argument,WebUIOmniboxPopup,WebUIOmniboxAimPopup ;;
  esac
  set -- "$@" "$argument"
done
exec /usr/bin/chromium "$@"
