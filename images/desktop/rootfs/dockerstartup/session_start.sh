#!/bin/bash
# What openbox starts once it manages the screen: background, panel, and a first window, so that
# nobody sits in front of an empty screen.
hsetroot -solid '#35566b'
tint2 -c /etc/xdg/tint2/tint2rc &
lxterminal --title=Terminal &
