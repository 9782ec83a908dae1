/* quantity: the numbers that a text states, as values: in digits or words, with their
 * units brought to one base, percentages and fractions as shares, money by currency, and
 * dates as year, month and day. "5 km", "five kilometres" and "5,000 m" are one value. */
#ifndef TXT_QUANTITY_H
#define TXT_QUANTITY_H
#include "text/language.h"

typedef enum {
	TXT_D_PLAIN,
	TXT_D_ORDINAL,
	TXT_D_DATE,
	TXT_D_SHARE, /* percent, fractions */
	TXT_D_LENGTH,
	TXT_D_AREA,
	TXT_D_VOLUME,
	TXT_D_MASS,
	TXT_D_TIME,
	TXT_D_TEMPERATURE,
	TXT_D_SPEED,
	TXT_D_ENERGY,
	TXT_D_POWER,
	TXT_D_DATA,
	TXT_D_PRESSURE,
	TXT_D_FREQUENCY,
	TXT_D_VOLTAGE,
	TXT_D_CURRENT,
	TXT_D_ANGLE,
	TXT_D_FORCE,
	TXT_D_CENTURY,
	TXT_D_DECADE,
	TXT_D_CLOCK, /* minutes after midnight */
	TXT_D_CENTS, /* of any currency */
	TXT_D_MONEY  /* plus the currency's number */
} txt_dimension;

typedef struct {
	int dim;
	double value;         /* in the base unit of dim */
	double step;          /* half a unit of the last digit written, in the base unit */
	double unit;          /* factor of the unit written */
	bool rough;           /* about, nearly ... */
	bool weak;            /* "one", "a second": may be no number at all */
	bool words;           /* written in words */
	int bound;            /* 1 more than, -1 less than */
	bool swapped;         /* 03/04/2001: day and month may be the other way round */
	int year, month, day; /* of dates; 0: not given */
	size_t from, to;      /* tokens */
} txt_quantity;

typedef struct {
	txt_quantity *at;
	size_t n;
} txt_quantities;

/* Reads at most 256 of them. False when out of memory. */
bool txt_quantities_read(plg_arena *a, const txt_tokens *t, txt_lang lang, txt_quantities *out);
/* May the two be compared at all? */
bool txt_quantity_comparable(const txt_quantity *x, const txt_quantity *y);
/* Equal up to rounding that the writing shows. */
bool txt_quantity_same(const txt_quantity *x, const txt_quantity *y);

/* number.c: the number in one token of digits. False when it is none. */
bool txt_number_digits(const char *s, bool comma_decimal, double *value, double *step);
/* A number in words starting at token i; *to is the token behind it. */
bool txt_number_words(const txt_tokens *t, size_t i, txt_lang lang, size_t *to, double *value,
					  bool *share);
/* "and a half" at token *k: adds the part to value and moves behind it. */
bool txt_and_a_half(const txt_tokens *t, size_t *k, double *value);
/* unit.c: the unit at token i (tokens up to *to), 0 when there is none. */
typedef struct {
	int dim;
	double factor, offset;
	size_t to;
} txt_unit;
bool txt_unit_read(const txt_tokens *t, size_t i, txt_unit *out);
/* A currency sign or code. */
bool txt_currency_read(const txt_tokens *t, size_t i, int *dim);

#endif
