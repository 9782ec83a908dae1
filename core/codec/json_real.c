/* Reals as decimal text: with the fewest of 15, 16 and 17 digits that read back equal.
 * The C library finds them by printing and reading up to three times. From 1e-16 to 1e16
 * an exact product of 128 bits tells the same digits sooner. */
#include <math.h>
#include <stdlib.h>
#include "codec/codec.h"

__extension__ typedef unsigned __int128 u128;

#define DIGITS 17
#define TOP 10000000000000000u /* 10^16: the smallest number of 17 digits */

/* A positive double, exactly: n / 2^shift * 10^(exponent - 16), and n / 2^shift has 17
 * digits before its point. Its neighbours are gap / 2^shift away. */
typedef struct {
	u128 n, gap;
	int shift, exponent;
	bool lowest; /* of its power of two, so that the neighbour below is half as far */
} scaled;

static u128 times_pow5(uint64_t v, int k)
{
	static const uint64_t pow5[] = {1,           5,           25,        125,        625,
									3125,        15625,       78125,     390625,     1953125,
									9765625,     48828125,    244140625, 1220703125, 6103515625,
									30517578125, 152587890625};
	return (u128)v * pow5[k / 2] * pow5[k - k / 2];
}

static void scale_to(scaled *s, uint64_t m, int e, int exponent)
{
	const int k = 16 - exponent, up = e + k > 0 ? e + k : 0;
	s->exponent = exponent;
	s->shift = up - (e + k);
	s->n = times_pow5(m, k) << up;
	s->gap = times_pow5(1, k) << up;
}

/* false: beyond what 128 bits hold. */
static bool scale(double v, scaled *s)
{
	int e;
	const uint64_t m = (uint64_t)ldexp(frexp(v, &e), 53);        /* v = m * 2^(e - 53) */
	const int least = (int)floor((e - 1) * 0.30102999566398120); /* the exponent, or one less */
	if (least < -16 || least > 15)
		return false;
	s->lowest = m == UINT64_C(1) << 52;
	scale_to(s, m, e - 53, least);
	if (s->n >> s->shift >= (u128)TOP * 10)
		scale_to(s, m, e - 53, least + 1);
	return true;
}

/* The multiple of unit that is nearest, the even one of two. */
static uint64_t nearest(const scaled *s, uint64_t unit)
{
	const uint64_t whole = (uint64_t)(s->n >> s->shift), count = whole / unit;
	const u128 step = (u128)unit << s->shift;
	const u128 rest = 2 * (s->n - ((u128)(count * unit) << s->shift));
	return (count + (rest > step || (rest == step && count % 2 == 1))) * unit;
}

/* Halfway between two doubles lies no decimal of 15 or 16 digits other than 16-digit
 * integers, and those doubles are such integers themselves: there is no tie. */
static bool reads_back(const scaled *s, uint64_t decimal)
{
	const u128 d = (u128)decimal << s->shift;
	const u128 off = 2 * (d > s->n ? d - s->n : s->n - d);
	const u128 reach = s->lowest && d < s->n ? s->gap / 2 : s->gap;
	return off < reach;
}

/* d.ddde-05 */
static void put_scientific(char *dst, const char *digit, int kept, int exponent)
{
	const int size = abs(exponent); /* at most 16 here */
	*dst++ = digit[0];
	if (kept > 1)
		*dst++ = '.';
	memcpy(dst, digit + 1, (size_t)kept - 1);
	dst += kept - 1;
	memcpy(
		dst,
		(char[5]){'e', exponent < 0 ? '-' : '+', (char)('0' + size / 10), (char)('0' + size % 10)},
		5);
}

/* ddd.dd, with a digit on both sides of the point */
static void put_fixed(char *dst, const char *digit, int kept, int exponent)
{
	for (int at = exponent < 0 ? exponent : 0; at < kept || at < exponent + 2; at++) {
		if (at == exponent + 1)
			*dst++ = '.';
		*dst++ = at >= 0 && at < kept ? digit[at] : '0';
	}
	*dst = '\0';
}

/* What printf's %g does with n digits, of which decimal holds 17. */
static void put_decimal(char *dst, uint64_t decimal, int n, int exponent)
{
	char digit[DIGITS];
	int kept = DIGITS;
	if (decimal == TOP * 10) { /* rounded up to the next power */
		decimal = TOP;
		exponent++;
	}
	for (int at = DIGITS; at-- > 0; decimal /= 10)
		digit[at] = (char)('0' + decimal % 10);
	while (kept > 1 && digit[kept - 1] == '0')
		kept--;
	if (exponent < -4 || exponent >= n)
		put_scientific(dst, digit, kept, exponent);
	else
		put_fixed(dst, digit, kept, exponent);
}

/* Any finite number. */
static void put_slowly(char dst[32], double v)
{
	for (int digits = 15; digits <= DIGITS; digits++) {
		(void)snprintf(dst, 30, "%.*g", digits, v);
		if (digits == DIGITS || strtod(dst, NULL) == v) /* 17 always come back */
			break;
	}
	if (strpbrk(dst, ".eE") == NULL)
		memcpy(dst + strlen(dst), ".0", 3);
}

void asy_json_double(char dst[32], double v)
{
	static const uint64_t unit[] = {100, 10, 1}; /* of the last of 15, 16, 17 digits */
	scaled s;
	size_t k = 0;
	if (v == 0) {
		memcpy(dst, signbit(v) ? "-0.0" : "0.0", signbit(v) ? 5 : 4);
		return;
	}
	if (!scale(fabs(v), &s)) {
		put_slowly(dst, v);
		return;
	}
	uint64_t decimal = nearest(&s, unit[k]);
	while (unit[k] > 1 && !reads_back(&s, decimal))
		decimal = nearest(&s, unit[++k]);
	if (v < 0)
		*dst++ = '-';
	put_decimal(dst, decimal, 15 + (int)k, s.exponent);
}
