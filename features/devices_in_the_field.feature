@sandbox
Feature: Devices in the field
  What happens between a finger and AURA: networks lose, repeat and delay; batteries end; people
  press twice, walk and change their mind; AURA has a bad minute. Every press is accounted for.

  Rule: On the air

    Scenario: A press without coverage is lost on a device that does not send again
      Given a linked Milesight WS101 panic button
      When the button has no coverage for 4 minutes
      And the person presses the button
      And 5 minutes pass
      Then the customer has no open callouts
      And the ledger has 1 press "lost"
      And every press is accounted for

    Scenario: A press without coverage arrives late on a device that sends again
      Given a linked Eview EV07B wearable
      When the wearable has no coverage for 40 seconds
      And the person presses the wearable
      And 20 seconds pass
      Then the customer has no open callouts
      And the customer has 1 open callout within 60 seconds
      And the ledger has 1 press "delivered after retry"

    Scenario: A lost frame is sent again until it is acknowledged
      Given a linked Eview EV07B wearable
      When the next 2 frames of the wearable are lost
      And the person presses the wearable
      Then the callout is open within 60 seconds
      And the wearable has sent 3 press frames
      And the presses of the wearable are answered with 1 callout

    Scenario: A frame that arrives twice is one event
      Given a linked Shelly BLU Button1
      When the person presses the button
      And 1 minute passes
      Then the gateway has sent AURA 2 device events
      And the gateway drops 9 frames of the button
      And the presses of the button are answered with 1 callout

    Scenario: A frame that arrives twice over the mobile network opens one callout
      Given a linked Eview EV07B wearable
      When every frame of the wearable arrives twice
      And the person presses the wearable
      And 10 seconds pass
      Then the presses of the wearable are answered with 1 callout
      And the customer has 1 open callout
      And every press is accounted for

    Scenario: A late frame opens its callout late
      Given a linked AURA structured device
      When the frames of the device arrive 45 seconds late
      And the person presses the device
      Then the customer has no open callouts for the next 40 seconds
      And the customer has 1 open callout within 10 seconds

    Scenario: A frame that nobody can read tells AURA nothing
      Given a linked Milesight WS101 panic button
      When the button sends the frame 01 75 on port 85
      And 10 seconds pass
      Then the gateway drops 1 frame of the button
      And the gateway has sent AURA 0 device events

  Rule: Frames

    Scenario: A WS101 says its press and its battery in one frame
      Given a linked Milesight WS101 panic button
      And the battery of the button is at 64 %
      And 10 seconds pass
      When the person presses the button
      And 10 seconds pass
      Then the last press frame of the button has:
        | field           | value |
        | battery_percent | 64    |
        | press           | long  |
      And AURA knows the battery of the button at 64 %

    Scenario Outline: A <gesture> press of a WS101 calls for help
      Given a linked Milesight WS101 panic button
      When the person uses the gesture "<gesture>" of the button
      Then the callout is open within 20 seconds
      And the last press frame of the button has:
        | field | value     |
        | press | <gesture> |

      Examples:
        | gesture |
        | short   |
        | long    |
        | double  |

    Scenario: A frame made by hand means what the device's frames mean
      Given a linked Milesight WS101 panic button
      When the button sends the frame 01 75 50 FF 2E 02 on port 85
      Then the callout is open within 10 seconds
      And AURA knows the battery of the button at 80 %

    Scenario: A frame made of fields means what the device's frames mean
      Given a linked Milesight WS101 panic button
      When the button sends a frame with:
        | field           | value |
        | battery_percent | 33    |
      And 10 seconds pass
      Then AURA knows the battery of the button at 33 %
      And the customer has no open callouts

    Scenario: A frame of a wearable is acknowledged
      Given a linked Eview EV07B wearable
      When the person presses the wearable
      Then the wearable is sent 1 reply within 20 seconds

  Rule: People

    Scenario: A fall calls for help like a press
      Given a linked Eview EV07B wearable
      When the person falls with the wearable
      Then the callout is open within 20 seconds
      And the last press frame of the wearable has:
        | field | value |
        | alarm | fall  |

    Scenario: A wearable that called for help is followed on its way
      Given a linked Eview EV07B wearable at -26.1076, 28.0567
      When the person presses the wearable
      Then the callout is within 60 metres of -26.1076, 28.0567 within 20 seconds
      When the person walks 1 km east at 5 km/h
      And 6 minutes pass
      Then the callout is within 100 metres of the wearable
      When the person runs at 12 km/h along:
        | latitude | longitude |
        | -26.1000 | 28.0567   |
        | -26.1000 | 28.0600   |
      And 3 minutes pass
      Then the callout is within 150 metres of the wearable

    Scenario: A call that is taken back is cancelled, on a device with a gesture for it
      Given a linked AURA structured device
      When the person presses the device
      And 20 seconds pass
      And the person takes the press of the device back
      Then the callout is over within 20 seconds
      And the ledger has 1 press "cancelled"

    Scenario: A call that is taken back is cancelled by the operator, on a device without
      Given a linked Milesight WS101 panic button
      When the person presses the button
      And 20 seconds pass
      And the person takes the press of the button back
      Then the callout is over within 20 seconds
      And the ledger has 1 press "cancelled"

    Scenario: Twenty people press within ten minutes
      Given 20 linked Eview EV07B wearables
      When the people press every wearable one after the other, 30 seconds apart
      And 1 minute passes
      Then the ledger has 20 presses "delivered"
      And the presses of every wearable are answered with 20 callouts
      And every press is accounted for

    Scenario: An impatient person gets one callout
      Given a linked Eview EV07B wearable
      When the person presses the wearable
      And 8 seconds pass
      And the person presses the wearable
      And 30 seconds pass
      Then the ledger has 1 press "delivered"
      And the ledger has 1 press "merged"
      And the customer has 1 open callout

    Scenario: Two devices of one customer share a callout, and each cancels only its own
      Given a customer "Thandi"
      And a linked AURA structured device "kitchen" of "Thandi"
      And a linked AURA structured device "garden" of "Thandi"
      When the person presses "kitchen"
      And 20 seconds pass
      And the person presses "garden"
      And 20 seconds pass
      Then "Thandi" has 1 open callout
      And the presses of every device are answered with 1 callout
      When the person takes the press of "garden" back
      Then "Thandi" has 1 open callout for the next 1 minute
      When the person takes the press of "kitchen" back
      Then "Thandi" has no open callouts within 20 seconds

  Rule: Batteries

    Scenario: A low battery is told once
      Given a linked Eview EV07B wearable
      When the battery of the wearable falls to 8 %
      And 1 minute passes
      Then AURA knows the battery of the wearable at 8 %
      And the wearable has sent 1 battery frame

    Scenario: A device whose battery is empty says nothing
      Given a linked Milesight WS101 panic button
      And the battery of the button is at 0 %
      When the person presses the button
      And 1 minute passes
      Then the button has sent 0 press frames
      And the customer has no open callouts
      And the ledger has 1 press "lost"

    Scenario: A device reports by itself
      Given a linked Milesight WS101 panic button
      When 26 hours pass
      Then the button has sent 1 battery frame
      And the customer has no open callouts

  Rule: AURA has a bad minute

    @D-errors-5xx
    Scenario: A press survives a failing AURA
      Given a linked AURA structured device
      When AURA answers 502 to the next 2 requests
      And the person presses the device
      Then the customer has 1 open callout within 30 seconds
      And the ledger has 1 press "delivered after retry"

    @D-errors-4xx
    Scenario: A refused press is not repeated
      Given a linked AURA structured device
      When AURA answers 400 to the next request
      And the person presses the device
      And 30 seconds pass
      Then the gateway has sent AURA 1 device event
      And the customer has no open callouts
      And the ledger has 1 press "lost"

    Scenario: A press survives a short outage
      Given a linked AURA structured device
      When AURA is unreachable for 1 second
      And the person presses the device
      Then the customer has 1 open callout within 30 seconds

    @S-no-stale-press
    Scenario: A press that is too old is not sent any more
      Given a linked AURA structured device
      When AURA is unreachable for 5 minutes
      And the person presses the device
      And 20 minutes pass
      Then the customer has no open callouts
      And the ledger has 1 press "lost"
      And every press is accounted for

  Rule: Mutated frames

    Scenario Outline: A broken frame opens no callout
      Given a linked Eview EV07B wearable
      When the person presses the wearable
      Then the customer has 1 open callout within 30 seconds
      When the control room closes the callout
      And the wearable sends its last frame again, <mutation>
      And 1 minute passes
      Then the customer has no open callouts
      And the gateway drops 1 frame of the wearable

      Examples:
        | mutation       |
        | truncated      |
        | wrong-checksum |
        | replayed       |

  Rule: Long runs

    Scenario: A day of a mixed fleet leaves nothing unexplained
      Given 3 linked Eview EV07B wearables
      And 3 linked Milesight WS101 panic buttons
      And 3 linked AURA structured devices
      When 8 hours pass
      And the people press every device one after the other, 10 minutes apart
      And 14 hours pass
      Then the ledger has 9 presses "delivered"
      And every press is accounted for
      And no promise is broken
