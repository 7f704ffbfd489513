"""Tests of the hardware room: real readers, real files, no tickets."""
