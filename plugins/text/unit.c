/* Units with exact factors: the international foot is 0.3048 m, the pound 0.45359237 kg. */
#include <string.h>
#include "text/quantity.h"

typedef struct {
	const char *names;
	int dim;
	double factor, offset;
} unit_row;

static const unit_row units[] = {
	{" m metre metres meter meters mètre mètres metro metros metri м метр метра метров 米 ",
	 TXT_D_LENGTH, 1, 0},
	{" km kms kilometre kilometres kilometer kilometers kilometern kilomètre kilomètres kilómetro "
	 "kilómetros chilometro chilometri quilómetro quilómetros quilômetro quilômetros км километр "
	 "километра километров 公里 千米 ",
	 TXT_D_LENGTH, 1000, 0},
	{" cm centimetre centimetres centimeter centimeters zentimeter centimètre centimètres "
	 "centímetro centímetros centimetro centimetri см сантиметр сантиметра сантиметров 厘米 公分 ",
	 TXT_D_LENGTH, 0.01, 0},
	{" mm millimetre millimetres millimeter millimeters millimètre millimètres milímetro "
	 "milímetros "
	 "millimetro millimetri мм миллиметр миллиметра миллиметров 毫米 ",
	 TXT_D_LENGTH, 0.001, 0},
	{" micrometre micrometres micrometer micrometers micron microns µm μm ", TXT_D_LENGTH, 1e-6, 0},
	{" nm nanometre nanometres nanometer nanometers ", TXT_D_LENGTH, 1e-9, 0},
	{" mile miles mi meile meilen milla millas miglio miglia milha milhas миля мили миль 英里 ",
	 TXT_D_LENGTH, 1609.344, 0},
	{" foot feet ft fuß pied pieds pie pies piede piedi фут фута футов ", TXT_D_LENGTH, 0.3048, 0},
	{" inch inches pouce pouces pulgada pulgadas pollice pollici zoll дюйм дюйма дюймов ",
	 TXT_D_LENGTH, 0.0254, 0},
	{" yard yards yd ", TXT_D_LENGTH, 0.9144, 0},
	{" lightyear lightyears ly lichtjahr lichtjahre lichtjahren ", TXT_D_LENGTH, 9460730472580800.0,
	 0},
	{" au ", TXT_D_LENGTH, 149597870700.0, 0},
	{" hectare hectares ha hektar hectárea hectáreas 公顷 ", TXT_D_AREA, 1e4, 0},
	{" acre acres ", TXT_D_AREA, 4046.8564224, 0},
	{" litre litres liter liters l litro litros litri л литр литра литров 升 ", TXT_D_VOLUME, 0.001,
	 0},
	{" ml millilitre millilitres milliliter milliliters мл millilitro 毫升 ", TXT_D_VOLUME, 1e-6,
	 0},
	{" gallon gallons ", TXT_D_VOLUME, 0.003785411784, 0},
	{" pint pints ", TXT_D_VOLUME, 0.000473176473, 0},
	{" kg kilogram kilograms kilogramme kilogrammes kilogramm kilo kilos chilogrammo chilogrammi "
	 "chili kilogramo kilogramos quilo quilos quilograma quilogramas кг килограмм килограмма "
	 "килограммов 公斤 千克 ",
	 TXT_D_MASS, 1, 0},
	{" g gram grams gramme grammes gramm gramo gramos grammo grammi grama gramas г грамм грамма "
	 "граммов 克 ",
	 TXT_D_MASS, 0.001, 0},
	{" mg milligram milligrams milligramm milligramme мг 毫克 ", TXT_D_MASS, 1e-6, 0},
	{" t tonne tonnes ton tons tonnen tonelada toneladas tonnellata tonnellate т тонна тонны тонн "
	 "吨 ",
	 TXT_D_MASS, 1000, 0},
	{" lb lbs pound pounds pfund livre livres libra libras libbra libbre фунт фунта фунтов ",
	 TXT_D_MASS, 0.45359237, 0},
	{" oz ounce ounces ", TXT_D_MASS, 0.028349523125, 0},
	{" s sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondo "
	 "secondi "
	 "seconden секунда секунды секунд секунду 秒 ",
	 TXT_D_TIME, 1, 0},
	{" ms millisecond milliseconds millisekunden ", TXT_D_TIME, 0.001, 0},
	{" min mins minute minutes minuten minuto minutos minuti минута минуты минут 分钟 分鐘 ",
	 TXT_D_TIME, 60, 0},
	{" h hr hrs hour hours stunde stunden heure heures hora horas ora ore uur час часа часов 小时 "
	 "小時 時間 ",
	 TXT_D_TIME, 3600, 0},
	{" day days tag tage tagen jour jours día días giorno giorni dia dias dag dagen день дня дней "
	 "сутки "
	 "суток 天 日間 ",
	 TXT_D_TIME, 86400, 0},
	{" week weeks woche wochen semaine semaines semana semanas settimana settimane weken неделя "
	 "недели недель 周 星期 週間 ",
	 TXT_D_TIME, 604800, 0},
	{" fortnight fortnights ", TXT_D_TIME, 1209600, 0},
	{" month months monat monate monaten mois mes meses mese mesi mês maand maanden месяц месяца "
	 "месяцев "
	 "个月 ヶ月 か月 ",
	 TXT_D_TIME, 2629746, 0},
	{" year years yr yrs jahr jahre jahren an ans année années año años anno anni ano anos jaar "
	 "год года лет 年 年間 ",
	 TXT_D_TIME, 31556952, 0},
	{" decade decades jahrzehnt jahrzehnte jahrzehnten décennie décennies década décadas decennio "
	 "decenni десятилетие десятилетия десятилетий ",
	 TXT_D_TIME, 315569520, 0},
	{" century centuries jahrhunderte jahrhunderten siècles siglos secoli séculos века веков ",
	 TXT_D_TIME, 3155695200, 0},
	{" millennium millennia jahrtausend jahrtausende millénaire ", TXT_D_TIME, 31556952000.0, 0},
	{" celsius c centigrade ", TXT_D_TEMPERATURE, 1, 273.15},
	{" fahrenheit f ", TXT_D_TEMPERATURE, 5.0 / 9, 273.15 - 32 * 5.0 / 9},
	{" kelvin kelvins k ", TXT_D_TEMPERATURE, 1, 0},
	{" mph ", TXT_D_SPEED, 0.44704, 0},
	{" kmh kph ", TXT_D_SPEED, 1 / 3.6, 0},
	{" knot knots knoten nœuds ", TXT_D_SPEED, 1852 / 3600.0, 0},
	{" j joule joules ", TXT_D_ENERGY, 1, 0},
	{" kj kilojoule kilojoules ", TXT_D_ENERGY, 1000, 0},
	{" cal calorie calories kalorien ", TXT_D_ENERGY, 4.184, 0},
	{" kcal kilocalorie kilocalories kilokalorien ", TXT_D_ENERGY, 4184, 0},
	{" kwh ", TXT_D_ENERGY, 3.6e6, 0},
	{" mwh ", TXT_D_ENERGY, 3.6e9, 0},
	{" ev ", TXT_D_ENERGY, 1.602176634e-19, 0},
	{" w watt watts ", TXT_D_POWER, 1, 0},
	{" kw kilowatt kilowatts ", TXT_D_POWER, 1000, 0},
	{" mw megawatt megawatts ", TXT_D_POWER, 1e6, 0},
	{" gw gigawatt gigawatts ", TXT_D_POWER, 1e9, 0},
	{" horsepower hp ", TXT_D_POWER, 745.69987158227022, 0},
	{" bit bits ", TXT_D_DATA, 0.125, 0},
	{" byte bytes octets ", TXT_D_DATA, 1, 0},
	{" kb kilobyte kilobytes ", TXT_D_DATA, 1e3, 0},
	{" kib kibibyte kibibytes ", TXT_D_DATA, 1024, 0},
	{" mb megabyte megabytes ", TXT_D_DATA, 1e6, 0},
	{" mib mebibyte mebibytes ", TXT_D_DATA, 1048576, 0},
	{" gb gigabyte gigabytes ", TXT_D_DATA, 1e9, 0},
	{" gib gibibyte gibibytes ", TXT_D_DATA, 1073741824, 0},
	{" tb terabyte terabytes ", TXT_D_DATA, 1e12, 0},
	{" pa pascal pascals ", TXT_D_PRESSURE, 1, 0},
	{" hpa hectopascal hectopascals ", TXT_D_PRESSURE, 100, 0},
	{" kpa kilopascal kilopascals ", TXT_D_PRESSURE, 1000, 0},
	{" mbar millibar millibars ", TXT_D_PRESSURE, 100, 0},
	{" bar bars ", TXT_D_PRESSURE, 1e5, 0},
	{" atm atmosphere atmospheres ", TXT_D_PRESSURE, 101325, 0},
	{" psi ", TXT_D_PRESSURE, 6894.757293168, 0},
	{" hz hertz ", TXT_D_FREQUENCY, 1, 0},
	{" khz kilohertz ", TXT_D_FREQUENCY, 1e3, 0},
	{" mhz megahertz ", TXT_D_FREQUENCY, 1e6, 0},
	{" ghz gigahertz ", TXT_D_FREQUENCY, 1e9, 0},
	{" v volt volts ", TXT_D_VOLTAGE, 1, 0},
	{" kv kilovolt kilovolts ", TXT_D_VOLTAGE, 1e3, 0},
	{" mv millivolt millivolts ", TXT_D_VOLTAGE, 1e-3, 0},
	{" amp amps ampere amperes ", TXT_D_CURRENT, 1, 0},
	{" milliamp milliamps ma ", TXT_D_CURRENT, 1e-3, 0},
	{" n newton newtons ", TXT_D_FORCE, 1, 0},
	{" kn kilonewton kilonewtons ", TXT_D_FORCE, 1e3, 0},
	{" percent procent prozent ", TXT_D_SHARE, 0.01, 0},
	{" % ", TXT_D_SHARE, 0.01, 0},
	{" процент процента процентов ", TXT_D_SHARE, 0.01, 0},
};

static const unit_row *named(const char *s)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (txt_listed(units[i].names, s))
			return &units[i];
	return NULL;
}

static bool is(const txt_tokens *t, size_t i, const char *list)
{
	return i < t->n && txt_listed(list, t->at[i].s);
}

/* Units of two letters of a script without spaces: 公里. */
static const unit_row *named_at(const txt_tokens *t, size_t i, size_t *to)
{
	char two[32] = "";
	*to = i + 1;
	if (i >= t->n)
		return NULL;
	if (t->at[i].unspaced && i + 1 < t->n && t->at[i + 1].unspaced &&
		strlen(t->at[i].s) + strlen(t->at[i + 1].s) < sizeof two) {
		txt_append(two, sizeof two, t->at[i].s);
		txt_append(two, sizeof two, t->at[i + 1].s);
		const unit_row *r = named(two);
		if (r != NULL) {
			*to = i + 2;
			return r;
		}
	}
	/* One letter is a unit only right behind its number or in upper case: 5 m, 5 V. */
	return named(t->at[i].s);
}

static bool raised(txt_unit *u, int power)
{
	if (u->dim != TXT_D_LENGTH || power < 2)
		return false;
	u->dim = power == 2 ? TXT_D_AREA : TXT_D_VOLUME;
	u->factor = power == 2 ? u->factor * u->factor : u->factor * u->factor * u->factor;
	return true;
}

/* Behind the unit: squared, ^2, per hour. */
static void tail(const txt_tokens *t, txt_unit *u)
{
	size_t i = u->to;
	if (is(t, i, " ^ ") && i + 1 < t->n && (is(t, i + 1, " 2 3 "))) {
		if (raised(u, t->at[i + 1].s[0] - '0'))
			u->to = i + 2;
	} else if (i < t->n && t->at[i].tight && is(t, i, " 2 3 ")) {
		if (raised(u, t->at[i].s[0] - '0'))
			u->to = i + 1;
	} else if (is(t, i,
				  " squared carré carrés cuadrado cuadrados quadrato quadrati quadrado "
				  "quadrados ")) {
		if (raised(u, 2))
			u->to = i + 1;
	} else if (is(t, i, " cubed cube cubes cúbico cúbicos cubo cubi ")) {
		if (raised(u, 3))
			u->to = i + 1;
	}
	i = u->to;
	if (u->dim == TXT_D_LENGTH &&
		is(t, i, " / per an a each every pro par por à all in в je the ")) {
		size_t to, at = i + 1;
		while (is(t, at, " ' l the ") && at < i + 3)
			at++;
		const unit_row *per = named_at(t, at, &to);
		if (per != NULL && per->dim == TXT_D_TIME && !is(t, at, " an ")) {
			u->dim = TXT_D_SPEED;
			u->factor /= per->factor;
			u->to = to;
		}
	}
}

static bool degrees(const txt_tokens *t, size_t i, txt_unit *out)
{
	static const char names[] =
		" ° degree degrees grad degré degrés grados gradi graus градус градуса градусов 度 ";
	if (!is(t, i, names) && !is(t, i, " 摄 攝 "))
		return false;
	size_t k = i;
	if (is(t, k, " 摄 攝 ")) /* 摄氏度 */
		k += 2;
	const unit_row *r = k + 1 < t->n ? named(t->at[k + 1].s) : NULL;
	if (r != NULL && r->dim == TXT_D_TEMPERATURE) {
		*out = (txt_unit){r->dim, r->factor, r->offset, k + 2};
		return true;
	}
	bool celsius = k != i || is(t, k + 1, " цельсия целсия ");
	*out = (txt_unit){celsius ? TXT_D_TEMPERATURE : TXT_D_ANGLE, 1, celsius ? 273.15 : 0,
					  celsius && k == i ? k + 2 : k + 1};
	return true;
}

static bool power_before(const txt_tokens *t, size_t i, int *power)
{
	*power =
		is(t, i, " square sq quadrat carré cuadrado квадратных квадратный квадратного квадратные ")
			? 2
		: is(t, i, " cubic кубических кубический кубического ") ? 3
																: 0;
	return *power != 0;
}

bool txt_unit_read(const txt_tokens *t, size_t i, txt_unit *out)
{
	int power = 0;
	size_t to;
	const unit_row *r;
	if (i >= t->n)
		return false;
	if (degrees(t, i, out))
		return true;
	if (is(t, i, " per pro por pour ") && is(t, i + 1, " cent ciento cento ")) {
		*out = (txt_unit){TXT_D_SHARE, 0.01, 0, i + 2};
		return true;
	}
	if (is(t, i, " light ") && is(t, i + 1, " - year years ")) {
		*out = (txt_unit){TXT_D_LENGTH, 9460730472580800.0, 0, is(t, i + 1, " - ") ? i + 3 : i + 2};
		return true;
	}
	if (is(t, i, " - ") && t->at[i].tight && i + 1 < t->n && t->at[i + 1].tight)
		i++; /* a 5-kilometre run */
	if (is(t, i, " 个 個 ") && named_at(t, i + 1, &to) != NULL && !is(t, i + 1, " 月 "))
		i++; /* 三个小时, but 三个月 is in the table */
	size_t base = power_before(t, i, &power) ? i + 1 : i;
	r = named_at(t, base, &to);
	if (r == NULL && base < t->n) { /* Quadratkilometer, Kubikmeter */
		const char *s = t->at[base].s;
		power = strncmp(s, "quadrat", 7) == 0 ? 2 : strncmp(s, "kubik", 5) == 0 ? 3 : 0;
		r = power == 2 ? named(s + 7) : power == 3 ? named(s + 5) : NULL;
	}
	if (r == NULL)
		return false;
	/* A lone "c", "f", "k" behind a number is a temperature only when capital and tight. */
	const txt_token *k = &t->at[base];
	if (r->dim == TXT_D_TEMPERATURE && k->raw.n == 1 && !k->capital)
		return false;
	if (k->raw.n == 1 && strchr("agnvwjl", k->s[0]) != NULL && !k->tight && !k->capital &&
		k->s[0] != 'g' && k->s[0] != 'l')
		return false;
	*out = (txt_unit){r->dim, r->factor, r->offset, to};
	(void)raised(out, power);
	tail(t, out);
	return true;
}

bool txt_currency_read(const txt_tokens *t, size_t i, int *dim)
{
	static const char *const money[] = {
		" $ usd dollar dollars dólar dólares dollari доллар доллара долларов us$ 美元 ",
		" € eur euro euros euroa евро 欧元 ",
		" £ gbp sterling ",
		" ¥ jpy yen йен 円 日元 ",
		" cny yuan renminbi юань юаней 元 ",
		" ₹ inr rupee rupees ",
		" ₽ rub ruble rubles rouble roubles рубль рубля рублей ",
		" chf franken francs franc ",
	};
	for (size_t k = 0; i < t->n && k < sizeof money / sizeof money[0]; k++)
		if (txt_listed(money[k], t->at[i].s)) {
			*dim = TXT_D_MONEY + (int)k;
			return true;
		}
	return false;
}
