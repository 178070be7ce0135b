@sandbox @staging
Feature: A device calls for help
  The main job of a linked device: its press creates a callout, its positions move it, its cancel
  ends it, and its battery is known.

  Scenario: A press creates a callout
    Given a linked Milesight WS101 panic button
    When the person presses the button
    Then the customer has 1 open callout within 30 seconds

  Scenario Outline: A press of every kind of device creates a callout
    Given a linked <model>
    When the person presses the device
    Then the callout is open within 60 seconds

    Examples:
      | model                        |
      | SimplePack Plus panic button |
      | Milesight WS101 panic button |
      | Eview EV07B wearable         |
      | Shelly BLU Button1           |
      | AURA structured device       |

  Scenario: A move updates the callout
    Given a linked AURA structured device at -26.1076, 28.0567
    When the person presses the device
    Then the callout is within 60 metres of the device within 30 seconds
    When the person walks 500 metres north at 5 km/h
    And 2 minutes pass
    Then the callout is within 60 metres of the device

  Scenario: A cancel ends the callout
    Given a linked AURA structured device
    When the person presses the device
    Then the customer has 1 open callout within 30 seconds
    When the person takes the press of the device back
    Then the customer has no open callouts within 30 seconds

  Scenario: A battery report changes the battery level of the link
    Given a linked AURA structured device
    When the battery of the device falls to 12 %
    Then AURA knows the battery of the device at 12 % within 30 seconds

  Scenario: A second press joins the open callout
    Given a linked Milesight WS101 panic button
    When the person presses the button
    And 20 seconds pass
    And the person presses the button
    And 20 seconds pass
    Then the presses of the button are answered with 1 callout
    And the customer has 1 open callout
