Feature: Devices and networks go wrong
  What a fleet lives through in the field: contacts, clocks, firmwares and networks that fail, and
  what AURA makes of it. Every fault stands in the journal, so that the ledger can say why.

  Rule: Buttons

    Scenario: A stuck button opens one callout
      Given a linked Milesight WS101 panic button
      And the button has the stuck-button fault for 5 minutes with:
        | key   | value |
        | every | 60s   |
      When 6 minutes pass
      Then the customer has 1 open callout
      And the stuck-button fault has struck the button 4 times
      And every press is accounted for

    Scenario: A contact that bounces is one call for help
      Given a linked Milesight WS101 panic button
      And the button has the bounce fault
      When the person presses the button
      And 2 minutes pass
      Then the customer has 1 open callout
      And the button has sent 2 press frames
      And every press is accounted for

  Rule: Firmwares

    Scenario: A press that a restart forgets is silent, and the ledger says so
      Given a linked Eview EV07B wearable
      And the wearable has the reboot-loop fault for 3 minutes with:
        | key   | value |
        | every | 2s    |
      When the person presses the wearable
      And 5 minutes pass
      Then the customer has no open callouts
      And the ledger has 1 press "lost"

    Scenario: A counter that stands still hides a second emergency
      Given a linked Eview EV07B wearable
      And the wearable has the miscount fault
      When the person presses the wearable
      Then the customer has 1 open callout within 30 seconds
      When the control room closes the callout
      And 10 minutes pass
      And the person presses the wearable
      And 1 minute passes
      Then the customer has no open callouts
      And the ledger has 1 press "lost"

    Scenario: AURA is told what a broken gauge says
      Given a linked Milesight WS101 panic button
      And the button has the wrong-battery fault with:
        | key     | value |
        | percent | 4     |
      When the person presses the button
      Then AURA knows the battery of the button at 4 % within 30 seconds

  Rule: Networks

    Scenario: A press in the dark arrives when the network is back
      Given a linked Milesight WS101 panic button
      And the button has the gateway-down fault for 10 minutes with:
        | key     | value |
        | keeps   | true  |
        | burst_s | 5     |
      When the person presses the button
      And 5 minutes pass
      Then the customer has no open callouts
      When 6 minutes pass
      Then the customer has 1 open callout
      And every press is accounted for

    Scenario: A dead connection is found out
      Given a linked Eview EV07B wearable
      And the wearable has the half-open fault
      When the person presses the wearable
      And 30 minutes pass
      Then the customer has 1 open callout
      And every press is accounted for

    Scenario: A fault that is over is over
      Given a linked Milesight WS101 panic button
      And the button has the loss fault
      When the person presses the button
      And 1 minute passes
      And the loss fault of the button is over
      And the person presses the button
      Then the customer has 1 open callout within 30 seconds
      And the ledger has 1 press "lost"

  Rule: Safe codes

    Scenario: The customer stands the response down
      Given a linked Milesight WS101 panic button
      When the person presses the button
      And 10 seconds pass
      And the person takes the press of the button back with the safe code
      And 10 seconds pass
      Then the ledger has 1 press "cancelled"

    Scenario: Under duress help still comes
      Given a linked Milesight WS101 panic button
      When the person presses the button
      And 10 seconds pass
      And the person takes the press of the button back with a wrong safe code
      And 5 minutes pass
      Then the customer has 1 open callout
      And the ledger has 1 press "delivered"
