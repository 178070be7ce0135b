@bench
Feature: A button on the desk
  The same sentences as everywhere, played on a real or an emulated unit:
  `pytest features/on_the_bench.feature --aura-emulate avr`, or `--aura-port=/dev/ttyUSB0`.

  Scenario: A press on the desk calls for help, and the button's own cancel ends it
    Given a linked aurasim reference button (AVR)
    When the person presses the device
    Then the customer has 1 open callout within 30 seconds
    When the person takes the press of the device back
    Then the customer has no open callouts within 30 seconds

  Scenario: Two presses on the desk are one callout
    Given a linked aurasim reference button (AVR)
    When the person presses the device
    Then the customer has 1 open callout within 30 seconds
    When the person presses the device
    Then the device has sent 2 press frames within 30 seconds
    And the customer has 1 open callout

  Scenario: A button on the desk out of coverage says it again
    Given a linked aurasim reference button (AVR)
    And the next frame of the device is lost
    When the person presses the device
    Then the customer has 1 open callout within 30 seconds
    And the device has sent 2 press frames

  Scenario: A button on the desk is told that it was heard
    Given a linked aurasim reference button (AVR)
    When the person presses the device
    Then the device is sent 1 reply within 30 seconds
