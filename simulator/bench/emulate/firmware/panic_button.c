/* AURA's reference panic button: ATmega328P at 16 MHz, on the pins of an Arduino Uno.
 *
 *   PD2   button to ground, pull-up on          PB5   LED: an alarm is on
 *   ADC0  battery, 0 to 5 V                     PB4   LED: the server has acknowledged it
 *   UART  9600 8N1, lines of text               EEPROM 0: serial, 8: count of boots
 *
 * Gestures: shorter than 500 ms is TEST, longer is SOS; 2 s while an alarm is on is CANCEL.
 * What it says:      $PAURE,event,serial,boot,sequence,attempt,battery_mv*checksum
 *                    event is BOOT, SOS, CANCEL, TEST, BAT or HB
 *                    $PAURI,serial,firmware*checksum       $PAURA,OK*checksum  or ERR
 * What it hears:     $PAURK,sequence*checksum              the server has that event
 *                    $PAURQ,ID*checksum                    or BAT, or STOP, which ends an alarm
 *                    $PAURH,seconds*checksum               between heartbeats
 *                    People may leave out the checksum, and $PAURQ, too.
 * SOS and CANCEL are said again every 3 s, six times in all, until they are acknowledged.
 * The checksum is that of NMEA 0183: exclusive or of what stands between $ and *, in hex. */
#define F_CPU 16000000UL
#define FIRMWARE "1.0.0"
#define DEBOUNCE_MS 20
#define SOS_MS 500
#define CANCEL_MS 2000
#define ACK_MS 3000
#define ATTEMPTS 6
#define BATTERY_MS 1000 /* between measurements */
#define BATTERY_STEP_MV 50 /* a change worth a report */

#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <util/atomic.h>

/* ---- time and finger: one interrupt a millisecond, so that nothing that talks can miss a press */
enum { TEST = 1, SOS = 2, CANCEL = 4 };
static volatile uint32_t ms;
static volatile uint8_t gestures, alarm_on;

static void finger(uint8_t is_down)
{
    static uint8_t was_down, unstable, is_spent;
    static uint16_t held;
    if (is_down != was_down) {
        if (++unstable < DEBOUNCE_MS)
            return;
        was_down = is_down;
        if (is_down)
            held = is_spent = 0;
        else if (!is_spent)
            gestures |= held < SOS_MS ? TEST : SOS; /* SOS: a hold anew while an alarm is on */
    }
    unstable = 0;
    if (!was_down || is_spent)
        return;
    held++;
    if (held >= SOS_MS && !alarm_on) {
        gestures |= SOS;
        is_spent = 1;
    } else if (held >= CANCEL_MS) {
        gestures |= CANCEL;
        is_spent = 1;
    }
}

ISR(TIMER0_COMPA_vect)
{
    ms++;
    finger(!(PIND & _BV(PD2)));
}

static uint32_t now(void)
{
    uint32_t t;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { t = ms; }
    return t;
}

/* ---- UART: a ring each way */
static volatile char out[256], in[128];
static volatile uint8_t out_head, out_tail, in_head, in_tail;

ISR(USART_UDRE_vect)
{
    if (out_head == out_tail)
        UCSR0B &= ~_BV(UDRIE0);
    else
        UDR0 = out[out_tail++];
}

ISR(USART_RX_vect)
{
    char c = UDR0;
    uint8_t next = (in_head + 1) % sizeof(in);
    if (next == in_tail)
        return; /* full: the checksum tells */
    in[in_head] = c;
    in_head = next;
}

static void put(char c)
{
    while ((uint8_t)(out_head + 1) == out_tail)
        ; /* full: the interrupt makes room */
    out[out_head] = c;
    out_head++;
    UCSR0B |= _BV(UDRIE0);
}

static uint8_t sum(const char *text, const char *end)
{
    uint8_t x = 0;
    while (text < end)
        x ^= *text++;
    return x;
}

static void say(const char *content)
{
    char tail[6];
    sprintf(tail, "*%02X\r\n", sum(content, content + strlen(content)));
    put('$');
    for (; *content; content++)
        put(*content);
    for (const char *p = tail; *p; p++)
        put(*p);
}

/* ---- battery */
static uint16_t battery_mv(void)
{
    uint32_t total = 0;
    for (uint8_t i = 0; i < 8; i++) {
        ADCSRA |= _BV(ADSC);
        while (ADCSRA & _BV(ADSC))
            ;
        total += ADC;
    }
    return (total + 4) * 5000UL / 8192; /* 5 V, 10 bits, mean of 8, middle of a step */
}

/* ---- events, and those that wait for their acknowledgement */
struct event {
    const char *name;
    uint16_t sequence;
    uint8_t attempt;
    uint32_t due;
};
static struct event waiting[4]; /* free where name is 0 */
static char serial[9] = "AB12F00D";
static uint16_t boot, sequence, reported_mv;

static void say_event(struct event *e)
{
    char text[64];
    reported_mv = battery_mv();
    sprintf(text, "PAURE,%s,%s,%u,%u,%u,%u", e->name, serial, boot, e->sequence, e->attempt,
            reported_mv);
    say(text);
}

static void tell(const char *name, uint8_t must_be_acknowledged)
{
    struct event e = {name, ++sequence, 1, now() + ACK_MS};
    say_event(&e);
    if (!must_be_acknowledged)
        return;
    struct event *place = &waiting[0]; /* a free one, or that of the oldest event */
    for (uint8_t i = 0; i < 4; i++)
        if (!waiting[i].name || (place->name && waiting[i].sequence < place->sequence))
            place = &waiting[i];
    *place = e;
}

static void repeat(void)
{
    for (struct event *e = waiting; e < waiting + 4; e++) {
        if (!e->name || (int32_t)(now() - e->due) < 0)
            continue;
        e->attempt++;
        e->due = now() + ACK_MS;
        say_event(e);
        if (e->attempt == ATTEMPTS)
            e->name = 0;
    }
}

static void acknowledged(uint16_t number)
{
    for (struct event *e = waiting; e < waiting + 4; e++)
        if (e->name && e->sequence == number) {
            e->name = 0;
            PORTB |= alarm_on ? _BV(PB4) : 0;
        }
}

static void alarm(uint8_t is_on)
{
    alarm_on = is_on;
    PORTB &= ~(_BV(PB4) | _BV(PB5));
    PORTB |= is_on ? _BV(PB5) : 0;
}

/* ---- commands */
static uint32_t heartbeat_ms = 60000;

static uint8_t is_intact(char *text)
{
    char *star = strchr(text, '*');
    if (!star)
        return 1; /* typed by a person */
    *star = 0;
    return strlen(star + 1) == 2 && strtoul(star + 1, 0, 16) == sum(text, star);
}

static void obey(char *text)
{
    text += *text == '$';
    uint8_t is_good = is_intact(text);
    if (is_good && !strncmp(text, "PAURK,", 6)) {
        acknowledged(atol(text + 6));
        return;
    }
    if (!strncmp(text, "PAURQ,", 6))
        text += 6;
    if (!is_good) {
        say("PAURA,ERR");
    } else if (!strcmp(text, "ID")) {
        char answer[32];
        sprintf(answer, "PAURI,%s," FIRMWARE, serial);
        say(answer);
    } else if (!strcmp(text, "BAT")) {
        tell("BAT", 0);
    } else if (!strcmp(text, "STOP")) {
        alarm(0);
        say("PAURA,OK");
    } else if (!strncmp(text, "PAURH,", 6) && atol(text + 6) > 0) {
        heartbeat_ms = atol(text + 6) * 1000UL;
        say("PAURA,OK");
    } else {
        say("PAURA,ERR");
    }
}

static void listen(void)
{
    static char line[48];
    static uint8_t size, is_spoilt;
    while (in_tail != in_head) {
        char c = in[in_tail];
        in_tail = (in_tail + 1) % sizeof(in);
        if (c != '\n' && c != '\r') {
            if (size < sizeof(line) - 1)
                line[size++] = c;
            else
                is_spoilt = 1; /* too long to be ours: dropped to its end */
            continue;
        }
        line[size] = 0;
        if (size && !is_spoilt)
            obey(line);
        size = is_spoilt = 0;
    }
}

/* ---- beginning and end of all */
static void start(void)
{
    DDRB |= _BV(PB4) | _BV(PB5);
    PORTD |= _BV(PD2);
    TCCR0A = _BV(WGM01); /* 16 MHz / 64 / 250 = 1 kHz */
    TCCR0B = _BV(CS01) | _BV(CS00);
    OCR0A = 249;
    TIMSK0 = _BV(OCIE0A);
    UBRR0 = 103; /* 9600 baud */
    UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
    ADMUX = _BV(REFS0);
    ADCSRA = _BV(ADEN) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
    if (eeprom_read_byte((uint8_t *)0) != 0xff)
        eeprom_read_block(serial, (void *)0, 8);
    boot = eeprom_read_word((uint16_t *)8) + 1; /* 0xffff when new: the first boot is 0 */
    eeprom_update_word((uint16_t *)8, boot);
    set_sleep_mode(SLEEP_MODE_IDLE);
    sei();
}

int main(void)
{
    start();
    tell("BOOT", 0);
    uint32_t last_beat = now(), last_measured = now();
    for (;;) {
        uint8_t made;
        ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { made = gestures; gestures = 0; }
        if (made & SOS) {
            alarm(1);
            tell("SOS", 1);
        }
        if (made & CANCEL) {
            alarm(0);
            tell("CANCEL", 1);
        }
        if (made & TEST)
            tell("TEST", 0);
        repeat();
        if (now() - last_beat >= heartbeat_ms) {
            last_beat = now();
            tell("HB", 0);
        }
        if (now() - last_measured >= BATTERY_MS) {
            last_measured = now();
            if (abs((int)battery_mv() - (int)reported_mv) >= BATTERY_STEP_MV)
                tell("BAT", 0);
        }
        listen();
        sleep_mode();
    }
}
