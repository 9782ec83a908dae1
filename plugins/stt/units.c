/* A table of single words, and the two speeds that take several. */
#include "stt/units.h"
#include <string.h>

static const char *const table[] = {
	/* the form, then every way to write it, between spaces */
	"mm",       " mm mms millimeter millimeters millimetre millimetres ",
	"cm",       " cm cms centimeter centimeters centimetre centimetres ",
	"km",       " km kms kilometer kilometers kilometre kilometres ",
	"m",        " m meter meters metre metres ",
	"mg",       " mg mgs milligram milligrams milligramme milligrammes ",
	"kg",       " kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes ",
	"g",        " g gram grams gramme grammes ",
	"ml",       " ml mls milliliter milliliters millilitre millilitres ",
	"l",        " l liter liters litre litres ",
	"pounds",   " lb lbs ", /* as the currency: the ear hears one word */
	"oz",       " oz ounce ounces ",
	"ft",       " ft foot feet ",
	"yd",       " yd yds yard yards ",
	"mi",       " mi mile miles ",
	"hr",       " hr hrs hour hours ",
	"min",      " min mins minute minutes ",
	"kb",       " kb kilobyte kilobytes ",
	"mb",       " mb megabyte megabytes ",
	"gb",       " gb gigabyte gigabytes ",
	"tb",       " tb terabyte terabytes ",
	"hz",       " hz hertz ",
	"khz",      " khz kilohertz ",
	"mhz",      " mhz megahertz ",
	"ghz",      " ghz gigahertz ",
	"w",        " w watt watts ",
	"kw",       " kw kilowatt kilowatts ",
	"kwh",      " kwh ",
	"v",        " v volt volts ",
	"thousand", " k ",
	"mph",      " mph ",
	"kmh",      " kmh kph ",
};

static const char *single(plg_text w)
{
	enum { LONGEST = 14 };
	char key[LONGEST + 3] = " ";
	if (w.n == 0 || w.n > LONGEST)
		return NULL;
	for (size_t i = 0; i < w.n; i++) {
		if (w.cp[i] < 'a' || w.cp[i] > 'z')
			return NULL;
		key[i + 1] = (char)w.cp[i];
	}
	key[w.n + 1] = ' ';
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i += 2)
		if (strstr(table[i + 1], key) != NULL)
			return table[i];
	return NULL;
}

static bool is(plg_text w, const char *s)
{
	size_t i = 0;
	while (i < w.n && s[i] != '\0' && w.cp[i] == (uint8_t)s[i])
		i++;
	return i == w.n && s[i] == '\0';
}

const char *stt_unit(const plg_text *word, size_t n, size_t *used)
{
	const char *unit = n == 0 ? NULL : single(word[0]);
	*used = 1;
	if (unit == NULL)
		return NULL;
	bool far = strcmp(unit, "km") == 0, mile = strcmp(unit, "mi") == 0;
	const char *speed = far ? "kmh" : "mph";
	if ((far || mile) && n > 2 && (is(word[1], "per") || is(word[1], "an")) &&
		is(word[2], "hour")) {
		*used = 3;
		return speed;
	}
	if (far && n > 1 && is(word[1], "h")) {
		*used = 2;
		return speed;
	}
	if (strcmp(unit, "kw") == 0 && n > 1 && (is(word[1], "hours") || is(word[1], "hour"))) {
		*used = 2;
		return "kwh";
	}
	return unit;
}
