/* Runs an AVR program in simavr, paced to the wall clock, its pins and its UART in our hands.
 *
 *   simavr_host ELF UART BUTTON SPEED [SERIAL] [LED...]
 *
 * UART is an open file descriptor for the bytes of UART 0, both ways. BUTTON and LED are pins such
 * as D2. SPEED is device time to wall clock, as 1. SERIAL, if not empty, is put at the start of the
 * EEPROM.
 * Lines on stdin:  hold MS     the finger on the button, for so long in the time of the device
 *                  adc N MV    the voltage at an analogue pin
 *                  reset
 * Lines on stdout: ready, ok, refused, released (100 ms after it was), led PIN 0|1, and at the end
 *                  why it ended
 * The end of stdin is the end of the program, so it cannot outlive who started it.
 * simavr is under the GPL 3: this is a program of its own, and no part of another. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "avr_adc.h"
#include "avr_eeprom.h"
#include "avr_ioport.h"
#include "avr_uart.h"
#include "sim_avr.h"
#include "sim_elf.h"

#define REST_MS 100 /* no finger comes back sooner */
#define BOOT_MS 100 /* the program has started; before, it would miss what is said to it */

static avr_t *avr;
static avr_irq_t *button, *uart_in;
static double cycles_a_second;
static char button_port, button_bit;
static int uart, may_receive = 1;
static int millivolts[8] = {3000};
static uint8_t incoming[4096];
static unsigned incoming_head, incoming_tail;

static void say(const char *text)
{
    puts(text);
    fflush(stdout);
}

static void die(const char *why)
{
    say(why);
    exit(4);
}

static avr_irq_t *pin(const char *name)
{
    avr_irq_t *found = NULL;
    if (strlen(name) == 2 && name[1] >= '0' && name[1] <= '7')
        found = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(name[0]), name[1] - '0');
    if (!found) {
        fprintf(stderr, "this chip has no pin %s\n", name);
        exit(2);
    }
    return found;
}

/* ---- what the chip does */
static void on_byte(avr_irq_t *irq, uint32_t value, void *unused)
{
    uint8_t byte = value;
    (void)irq, (void)unused;
    if (write(uart, &byte, 1) < 0 && errno != EAGAIN && errno != EPIPE && errno != ECONNRESET)
        die("the wire of the UART broke");
}

static void on_flow(avr_irq_t *irq, uint32_t value, void *is_on)
{
    (void)irq, (void)value;
    may_receive = is_on != NULL;
}

static void on_led(avr_irq_t *irq, uint32_t value, void *name)
{
    (void)irq;
    printf("led %s %u\n", (char *)name, value & 1);
    fflush(stdout);
}

static void on_measure(avr_irq_t *irq, uint32_t value, void *unused)
{
    union { avr_adc_mux_t mux; uint32_t v; } asked = {.v = value};
    int n = asked.mux.src & 7;
    (void)irq, (void)unused;
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + n), millivolts[n]);
}

/* A finger, or the pull-up: an external level, which outlives what the program does to its port. */
static void pull(int is_high)
{
    uint8_t mask = 1 << button_bit;
    avr_ioport_external_t level = {.name = button_port, .mask = mask, .value = is_high ? mask : 0};
    avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(button_port), &level);
    avr_raise_irq(button, !is_high); /* simavr passes on only what changes */
    avr_raise_irq(button, is_high);
}

static avr_cycle_count_t milliseconds(unsigned ms)
{
    return (avr_cycle_count_t)ms * (avr->frequency / 1000);
}

static avr_cycle_count_t on_rested(avr_t *chip, avr_cycle_count_t when, void *unused)
{
    (void)chip, (void)when, (void)unused;
    say("released");
    return 0;
}

static avr_cycle_count_t on_release(avr_t *chip, avr_cycle_count_t when, void *unused)
{
    (void)chip, (void)when, (void)unused;
    pull(1);
    avr_cycle_timer_register(avr, milliseconds(REST_MS), on_rested, NULL);
    return 0;
}

static void on_sleep(avr_t *chip, avr_cycle_count_t cycles)
{
    (void)chip, (void)cycles; /* the main loop paces */
}

/* ---- what we do to the chip */
static void obey(const char *line)
{
    unsigned ms, n, mv;
    if (sscanf(line, "hold %u", &ms) == 1 && ms <= 600000) {
        avr_cycle_timer_cancel(avr, on_release, NULL);
        avr_cycle_timer_cancel(avr, on_rested, NULL);
        pull(0);
        avr_cycle_timer_register(avr, milliseconds(ms), on_release, NULL);
    } else if (sscanf(line, "adc %u %u", &n, &mv) == 2 && n < 8 && mv <= 5000) {
        millivolts[n] = mv;
    } else if (!strcmp(line, "reset")) {
        avr_cycle_timer_cancel(avr, on_release, NULL);
        avr_cycle_timer_cancel(avr, on_rested, NULL);
        avr_reset(avr);
        on_release(avr, 0, NULL);
    } else {
        printf("refused %s\n", line);
        fflush(stdout);
        return;
    }
    say("ok");
}

static void take_commands(void)
{
    static char line[128];
    static size_t size;
    char c;
    ssize_t got;
    while ((got = read(0, &c, 1)) == 1) {
        if (c != '\n') {
            size = size < sizeof line - 1 ? size : 0;
            line[size++] = c;
            continue;
        }
        line[size] = 0;
        size = 0;
        obey(line);
    }
    if (got == 0)
        exit(0);
}

static void take_bytes(void)
{
    uint8_t chunk[256];
    size_t room = sizeof incoming - (incoming_head - incoming_tail);
    ssize_t got = read(uart, chunk, room < sizeof chunk ? room : sizeof chunk);
    for (ssize_t i = 0; i < got; i++)
        incoming[incoming_head++ % sizeof incoming] = chunk[i];
    if (got == 0)
        exit(0); /* who started us is gone */
}

static void connect_all(char **leds)
{
    uint32_t flags = 0;
    avr_irq_t *adc = avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_OUT_TRIGGER);
    uart_in = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    if (!uart_in || !adc)
        die("this chip has no UART 0 or no ADC");
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(uart_in + UART_IRQ_OUTPUT, on_byte, NULL);
    avr_irq_register_notify(uart_in + UART_IRQ_OUT_XON, on_flow, &may_receive);
    avr_irq_register_notify(uart_in + UART_IRQ_OUT_XOFF, on_flow, NULL);
    avr_irq_register_notify(adc, on_measure, NULL);
    for (; *leds; leds++)
        avr_irq_register_notify(pin(*leds), on_led, *leds);
    pull(1);
}

static void load(const char *path)
{
    elf_firmware_t program;
    memset(&program, 0, sizeof program);
    if (elf_read_firmware(path, &program)) {
        fprintf(stderr, "%s is no program for an AVR\n", path);
        exit(2);
    }
    if (!program.mmcu[0])
        strcpy(program.mmcu, "atmega328p");
    if (!program.frequency)
        program.frequency = 16000000;
    if (!(avr = avr_make_mcu_by_name(program.mmcu))) {
        fprintf(stderr, "simavr has no %s\n", program.mmcu);
        exit(2);
    }
    avr_init(avr);
    avr->log = LOG_ERROR;
    avr_load_firmware(avr, &program);
    avr->sleep = on_sleep;
    avr->vcc = avr->avcc = avr->aref = 5000;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* Runs the chip up to the present; what a busy machine made us miss by more than a second is let
 * go, so that the device is late then but never hurries. */
static void catch_up(void)
{
    static double since_s;
    static avr_cycle_count_t since;
    avr_cycle_count_t due = since + (avr_cycle_count_t)((now_s() - since_s) * cycles_a_second);
    if (!since_s || due > avr->cycle + cycles_a_second) {
        since_s = now_s();
        since = due = avr->cycle;
    }
    while (avr->cycle < due) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed)
            die(state == cpu_Done ? "the program ended" : "the program crashed");
        if (may_receive && incoming_head != incoming_tail)
            avr_raise_irq(uart_in, incoming[incoming_tail++ % sizeof incoming]);
    }
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: simavr_host ELF UART BUTTON SPEED [SERIAL] [LED...]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    load(argv[1]);
    uart = atoi(argv[2]);
    button = pin(argv[3]);
    button_port = argv[3][0];
    button_bit = argv[3][1] - '0';
    connect_all(argc > 6 ? argv + 6 : argv + argc);
    cycles_a_second = avr->frequency * atof(argv[4]);
    if (argc > 5 && *argv[5]) {
        avr_eeprom_desc_t serial = {(uint8_t *)argv[5], 0, strlen(argv[5])};
        avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &serial);
    }
    fcntl(0, F_SETFL, O_NONBLOCK);
    fcntl(uart, F_SETFL, O_NONBLOCK);
    for (int is_ready = 0;;) {
        struct pollfd ways[2] = {{0, POLLIN, 0}, {uart, POLLIN, 0}};
        catch_up();
        if (!is_ready && avr->cycle > milliseconds(BOOT_MS)) {
            say("ready");
            is_ready = 1;
        }
        poll(ways, 2, 1);
        if (ways[0].revents)
            take_commands();
        if (ways[1].revents)
            take_bytes();
    }
}
