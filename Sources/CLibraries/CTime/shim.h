#pragma once

#include <time.h>

// Declared by time.h only for programs that ask for the X/Open standard.
char *strptime(const char *text, const char *format, struct tm *parts);
