/* What a libbpf built against glibc 2.38 or newer wants, for an older glibc: the C23 forms of three functions,
 * which differ only in that they also read binary numbers ("0b101"). */
#include <features.h>

#if !__GLIBC_PREREQ(2, 38)
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int __isoc23_sscanf(const char *text, const char *format, ...)
{
	va_list arguments;
	int found;

	va_start(arguments, format);
	found = vsscanf(text, format, arguments);
	va_end(arguments);
	return found;
}

int __isoc23_fscanf(FILE *file, const char *format, ...)
{
	va_list arguments;
	int found;

	va_start(arguments, format);
	found = vfscanf(file, format, arguments);
	va_end(arguments);
	return found;
}

unsigned long long __isoc23_strtoull(const char *text, char **end, int base)
{
	return strtoull(text, end, base);
}
#endif
