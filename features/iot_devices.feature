@sandbox
Feature: IoT devices
  The guide on IoT devices: devices are linked to a customer under a registered template, and every
  other interaction is a device event.

  Rule: Linking

    @D-link-request @D-link-response @D-device-id-derived
    Scenario Outline: A linked device is given the device id that its template derives
      Given a customer
      And an unlinked <model>
      When the client sends POST /devices with:
        """
        {"customerId": {customer.id}, "deviceSerial": "{device.serial}",
         "deviceSupplier": "{device.supplier}", "deviceAlias": "Front desk",
         "deviceType": {device.type}, "firmwareVersion": "1.2.0"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                         | value           |
        | id                            | a number        |
        | customerId                    | {customer.id}   |
        | customerSourceId              | a number        |
        | deviceId                      | {device.id}     |
        | deviceSerial                  | {device.serial} |
        | alias                         | Front desk      |
        | deviceTypeId                  | {device.type}   |
        | firmwareVersion               | 1.2.0           |
        | defaultLocation               | null            |
        | healthCheckLastReceivedDate   | null            |
        | batteryLevel                  | null            |
        | batteryLevelLastReceivedDate  | null            |
        | createdAt                     | a time          |
        | updatedAt                     | a time          |

      Examples:
        | model                        |
        | AURA structured device       |
        | SimplePack Plus panic button |
        | Milesight WS101 panic button |
        | Eview EV07B wearable         |
        | Shelly BLU Button1           |

    @D-link-type-optional
    Scenario: Without a device type AURA takes the supplier's
      Given a customer
      And an unlinked AURA structured device
      When the client sends POST /devices with:
        """
        {"customerId": {customer.id}, "deviceSerial": "{device.serial}",
         "deviceSupplier": "{device.supplier}"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field        | value         |
        | deviceTypeId | {device.type} |
        | deviceId     | {device.id}   |

    @D-link-required-fields
    Scenario Outline: A link without <missing> is refused
      Given a customer
      And an unlinked AURA structured device
      When the client sends POST /devices with:
        """
        <body>
        """
      Then the answer is 400
      And the answer says "<missing>"

      Examples:
        | missing        | body                                                                       |
        | customerId     | {"deviceSerial": "{device.serial}", "deviceSupplier": "{device.supplier}"}  |
        | deviceSerial   | {"customerId": {customer.id}, "deviceSupplier": "{device.supplier}"}        |
        | deviceSupplier | {"customerId": {customer.id}, "deviceSerial": "{device.serial}"}            |

    @D-link-template-must-match
    Scenario Outline: A link with <what> fails although its JSON is valid
      Given a customer
      And an unlinked AURA structured device
      When the client sends POST /devices with:
        """
        {"customerId": {customer.id}, "deviceSerial": "<serial>", "deviceSupplier": "<supplier>",
         "deviceType": <type>}
        """
      Then the answer is 400

      Examples:
        | what                                 | serial          | supplier          | type          |
        | a serial that matches no template    | nothing-like-it | {device.supplier} | {device.type} |
        | a supplier that is not provisioned   | {device.serial} | NobodyMakesThese  | {device.type} |
        | a type that is not provisioned       | {device.serial} | {device.supplier} | 9999          |

    @S-link-again
    Scenario: Linking a device again to the same customer returns the link there is
      Given a linked AURA structured device
      When the client sends POST /devices with:
        """
        {"customerId": {customer.id}, "deviceSerial": "{device.serial}",
         "deviceSupplier": "{device.supplier}", "deviceType": {device.type}}
        """
      Then the answer is 200
      And the answer has:
        | field    | value       |
        | deviceId | {device.id} |

    @S-link-other-customer
    Scenario: A device of one customer cannot be linked to another
      Given a linked AURA structured device
      And a customer "Thandi"
      When the client sends POST /devices with:
        """
        {"customerId": {Thandi.id}, "deviceSerial": "{device.serial}",
         "deviceSupplier": "{device.supplier}", "deviceType": {device.type}}
        """
      Then the answer is 409

    @S-device-tenants
    Scenario: Two customer sources may link the same serial without knowing of each other
      Given a linked AURA structured device
      When another client sends DELETE /devices/{device.id}
      Then the answer is 404

    @D-link-update
    Scenario: The alias of a linked device is updated
      Given a linked AURA structured device
      When the client sends PUT /devices with:
        """
        {"customerId": {customer.id}, "deviceId": "{device.id}", "deviceAlias": "Back door"}
        """
      Then the answer is 200
      And the answer has:
        | field    | value       |
        | alias    | Back door   |
        | deviceId | {device.id} |

    @D-link-update
    Scenario: A device that is not linked cannot be updated
      Given a customer
      When the client sends PUT /devices with:
        """
        {"customerId": {customer.id}, "deviceId": "no-such-device", "deviceAlias": "Back door"}
        """
      Then the answer is 404

    @D-unlink
    Scenario: An unlinked device no longer acts for its customer
      Given a linked AURA structured device
      When the device is unlinked
      And the person presses the device
      And 30 seconds pass
      Then the customer has no open callouts
      When the client sends DELETE /devices/{device.id}
      Then the answer is 404

  Rule: Device events

    @D-event-create @D-event-response @D-event-types-string
    Scenario: A new-callout event answers with its input and the created callout
      Given a linked AURA structured device
      When the client sends POST /deviceEvent with:
        """
        {"location": {"latitude": -26.0919, "longitude": 28.084, "accuracy": 70},
         "device_id": "{device.id}", "device_type_id": {device.type}, "message_type": 1}
        """
      Then the answer is 200
      And the answer says "Event successfully processed..."
      And the answer has:
        | field                                     | value       |
        | resolvedAuraEvent.eventTypes              | NEW_CALLOUT |
        | resolvedAuraEvent.eventResponse.calloutId | a number    |
        | resolvedAuraEvent.eventResponse.deviceId  | {device.id} |
        | input.message_type                        | 1           |
        | input.location.accuracy                   | 70          |
        | input.device_id                           | {device.id} |
      And the customer has 1 open callout

    @D-event-response @S-event-device-id-type
    Scenario Outline: A device id sent as <kind> is answered as <kind>
      Given a linked Eview EV07B wearable
      When the client sends POST /deviceEvent with:
        """
        {"location": {"latitude": -26.0919, "longitude": 28.084},
         "device_id": <id>, "device_type_id": {device.type}, "message_type": 1}
        """
      Then the answer has:
        | field                                    | value  |
        | resolvedAuraEvent.eventResponse.deviceId | <kind> |

      Examples:
        | kind     | id            |
        | a text   | "{device.id}" |
        | a number | {device.id}   |

    @D-event-joins-active
    Scenario: A new-callout event resolves to the active callout of the device
      Given a linked AURA structured device
      When the person presses the device
      And 10 seconds pass
      And the person presses the device
      And 10 seconds pass
      Then the presses of the device are answered with 1 callout
      And the customer has 1 open callout

    @D-event-update
    Scenario: An update event moves the callout
      Given a linked AURA structured device at -26.1076, 28.0567
      When the person presses the device
      Then the callout is within 60 metres of -26.1076, 28.0567 within 20 seconds
      When the client sends POST /deviceEvent with:
        """
        {"device_id": "{device.id}", "device_type_id": {device.type}, "message_type": 2,
         "body": {"latitude": -26.2, "longitude": 28.1, "accuracy": 20}}
        """
      Then the answer is 200
      And the callout is within 1 m of -26.2, 28.1

    @D-event-cancel
    Scenario: A cancel event ends the callout of the device
      Given a linked AURA structured device
      When the person presses the device
      Then the callout is open within 20 seconds
      When the person takes the press of the device back
      Then the callout is over within 20 seconds

    @D-event-health
    Scenario: A battery event is kept with the link
      Given a linked AURA structured device
      When the client sends POST /deviceEvent with:
        """
        {"device_id": "{device.id}", "device_type_id": {device.type}, "message_type": 4,
         "body": {"battery": 87}}
        """
      Then the answer is 200
      And AURA knows the battery of the device at 87 %
      When the client sends PUT /devices with:
        """
        {"deviceId": "{device.id}"}
        """
      Then the answer has:
        | field                        | value  |
        | batteryLevel                 | 87     |
        | batteryLevelLastReceivedDate | a time |
        | healthCheckLastReceivedDate  | a time |

    @D-event-health
    Scenario: A battery event opens no callout
      Given a linked AURA structured device
      When the battery of the device falls to 9 %
      And 1 minute passes
      Then AURA knows the battery of the device at 9 %
      And the customer has no open callouts

    @D-event-device-id @S-event-unknown-device
    Scenario: The serial is not the device id
      Given a linked AURA structured device
      When the client sends POST /deviceEvent with:
        """
        {"location": {"latitude": -26.0919, "longitude": 28.084},
         "device_id": "{device.serial}", "device_type_id": {device.type}, "message_type": 1}
        """
      Then the answer is 400
      And the customer has no open callouts

    @D-event-type-selects-template
    Scenario: The device type selects the template
      Given a linked AURA structured device
      When the client sends POST /deviceEvent with:
        """
        {"location": {"latitude": -26.0919, "longitude": 28.084},
         "device_id": "{device.id}", "device_type_id": 9999, "message_type": 1}
        """
      Then the answer is 400

    @S-event-unknown-type
    Scenario: A message type that the template does not know is refused
      Given a linked AURA structured device
      When the client sends POST /deviceEvent with:
        """
        {"device_id": "{device.id}", "device_type_id": {device.type}, "message_type": 7}
        """
      Then the answer is 400

    @S-event-no-active
    Scenario Outline: <what> without an active callout is refused
      Given a linked AURA structured device
      When the client sends POST /deviceEvent with:
        """
        {"device_id": "{device.id}", "device_type_id": {device.type}, "message_type": <type>,
         "body": {"latitude": -26.2, "longitude": 28.1}}
        """
      Then the answer is 400

      Examples:
        | what      | type |
        | An update | 2    |
        | A cancel  | 3    |

    @S-event-without-place
    Scenario: A press without a place is refused where the link has none either
      Given a linked AURA structured device
      When the client sends POST /deviceEvent with:
        """
        {"device_id": "{device.id}", "device_type_id": {device.type}, "message_type": 1}
        """
      Then the answer is 400

    @I-event-subscription
    Scenario: A press of a customer without a subscription opens nothing
      Given a customer "Thandi" without a subscription
      And a linked AURA structured device of "Thandi"
      When the person presses the device
      And 1 minute passes
      Then "Thandi" has no open callouts

    @D-event-auth
    Scenario: An event needs a token
      Given a linked AURA structured device
      When a client without a token sends POST /deviceEvent with:
        """
        {"location": {"latitude": -26.0919, "longitude": 28.084},
         "device_id": "{device.id}", "device_type_id": {device.type}, "message_type": 1}
        """
      Then the answer is 401
      And the customer has no open callouts

    @D-event-tenant
    Scenario: A device of one customer source is unknown to another
      Given a linked AURA structured device
      When another client sends POST /deviceEvent with:
        """
        {"location": {"latitude": -26.0919, "longitude": 28.084},
         "device_id": "{device.id}", "device_type_id": {device.type}, "message_type": 1}
        """
      Then the answer is 400
      And the customer has no open callouts

    @D-event-raw
    Scenario: A raw Sigfox uplink is read by its template
      Given a linked SimplePack Plus panic button
      When the person presses the button
      Then the callout is open within 60 seconds
      And the last device event has:
        | field          | value         |
        | device         | {device.id}   |
        | device_type_id | {device.type} |
        | data           | a text        |
        | seqNumber      | a number      |
        | time           | a number      |
      And the answer to the last device event has:
        | field                                     | value       |
        | resolvedAuraEvent.eventTypes              | NEW_CALLOUT |
        | resolvedAuraEvent.eventResponse.calloutId | a number    |

    @S-event-after-close
    Scenario: A press after the callout was closed opens a new one
      Given a linked Milesight WS101 panic button
      When the person presses the button
      Then the callout is open within 20 seconds
      When the control room closes the callout
      And 1 minute passes
      And the person presses the button
      Then the presses of the button are answered with 2 callouts within 30 seconds
