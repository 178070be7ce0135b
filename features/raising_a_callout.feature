@sandbox
Feature: Raising a customer callout
  The reference of "Raise a customer callout": the preferred way to create one, with a token of the
  customer source, for a customer with an active subscription, at coordinates or at a fixed location.

  @D-create-callout @D-callout-url @D-timestamps
  Scenario: A callout at live coordinates is created
    Given a customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.12345, "longitude": 28.12345, "accuracy": 10},
       "responseTypeId": 1, "calloutClassificationId": 1}
      """
    Then the answer is 200 or 201
    And the answer has:
      | field                           | value                            |
      | message                         | Request completed successfully.  |
      | callout.id                      | a number                         |
      | callout.customerId              | {customer.id}                    |
      | callout.predefinedLocationId    | null                             |
      | callout.status                  | created                          |
      | callout.latitude                | -26.12345                        |
      | callout.longitude               | 28.12345                         |
      | callout.responseTypeId          | 1                                |
      | callout.calloutClassificationId | 1                                |
      | callout.url                     | contains https://                |
      | callout.createdAt               | {now}                            |

  @D-create-predefined
  Scenario: A callout at a fixed location is created
    Given a customer
    And a fixed location "branch" at -26.1076, 28.0567 of the customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"predefinedLocationId": {site}, "responseTypeId": 1}
      """
    Then the answer is 200 or 201
    And the answer has:
      | field                        | value  |
      | callout.predefinedLocationId | {site} |
    And /callouts/{callout.id} at AURA has:
      | field                                               | value  |
      | callout.incidentInformation[0].predefinedLocationId | {site} |

  @D-create-one-place
  Scenario Outline: A callout with <what> is refused
    Given a customer
    And a fixed location "branch" at -26.1076, 28.0567 of the customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      <body>
      """
    Then the answer is 400
    And the customer has no open callouts

    Examples:
      | what                             | body                                                                                                        |
      | coordinates and a fixed location | {"location": {"latitude": -26.1, "longitude": 28.1}, "predefinedLocationId": {site}, "responseTypeId": 1}    |
      | neither                          | {"responseTypeId": 1}                                                                                        |

  @D-create-response-type
  Scenario: A callout without a response type is refused
    Given a customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}}
      """
    Then the answer is 400
    And the answer says "responseTypeId"

  @S-create-unknown-kind
  Scenario Outline: A callout with an unknown <field> is refused
    Given a customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": <type>,
       "calloutClassificationId": <classification>}
      """
    Then the answer is 400

    Examples:
      | field          | type | classification |
      | response type  | 99   | 1              |
      | classification | 1    | 99             |

  @S-create-coordinates
  Scenario Outline: A callout at <latitude>, <longitude> is refused
    Given a customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": <latitude>, "longitude": <longitude>}, "responseTypeId": 1}
      """
    Then the answer is 400

    Examples:
      | latitude | longitude |
      | 90.01    | 28.1      |
      | -90.01   | 28.1      |
      | -26.1    | 180.01    |
      | -26.1    | -180.01   |
      | "south"  | 28.1      |

  @D-create-subscription
  Scenario: A callout of a customer without a subscription is refused
    Given a customer without a subscription
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
      """
    Then the answer is 403 or 400
    And the customer has no open callouts

  @D-create-subscription @D-subscription-active
  Scenario: A callout after the subscription has ended is refused
    Given a customer without a subscription
    And the customer subscribes for 10 days
    When 11 days pass
    And the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
      """
    Then the answer is 403 or 400

  @D-create-joins-active
  Scenario: A second callout of a customer is the first
    Given a customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
      """
    Then the answer is 200 or 201
    When the field "callout.id" of the answer is remembered as "first id"
    And the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.3, "longitude": 28.3}, "responseTypeId": 2}
      """
    Then the answer is 200
    And the answer has:
      | field                  | value      |
      | callout.id             | {first id} |
      | callout.latitude       | -26.1      |
      | callout.responseTypeId | 1          |
    And the customer has 1 open callout

  @D-create-unknown-customer
  Scenario: A callout for nobody is refused
    When the client sends POST /customers/99999999/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
      """
    Then the answer is 404

  @D-tenant-isolation
  Scenario: A customer of another customer source does not exist for us
    Given a customer
    When another client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
      """
    Then the answer is 404
    And the customer has no open callouts

  @D-create-auth
  Scenario Outline: A callout by <sender> is refused
    Given a customer
    When <sender> sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
      """
    Then the answer is 401

    Examples:
      | sender                       |
      | a client without a token     |
      | a client with a forged token |

  @D-callout-token
  Scenario: A callout token serves the callouts of its customer
    Given a customer
    When the callout token of the customer sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
      """
    Then the answer is 200 or 201
    When the callout token of the customer sends GET /callouts/{callout.id}
    Then the answer is 200
    When the callout token of the customer sends POST /callouts/{callout.id}/location with:
      """
      {"latitude": -26.2, "longitude": 28.2}
      """
    Then the answer is 200
    When the callout token of the customer sends POST /callouts/{callout.id}/cancel with:
      """
      {"safeCode": "{customer.safeCode}"}
      """
    Then the answer is 200

  @D-callout-token
  Scenario: A callout token serves nobody else
    Given a customer "Thandi"
    And a customer "Pieter"
    When the callout token of "Thandi" sends POST /customers/{Pieter.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
      """
    Then the answer is 403 or 401
    When the callout token of "Thandi" sends GET /customers/{Thandi.id}
    Then the answer is 403 or 401

  @D-create-legacy
  Scenario: The legacy way still creates a callout, and still asks for a subscription
    Given a customer "Thandi"
    And a customer "Pieter" without a subscription
    When the client sends POST /callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1,
       "customerId": {Thandi.id}}
      """
    Then the answer is 200 or 201
    And the answer has:
      | field              | value       |
      | callout.customerId | {Thandi.id} |
    When the client sends POST /callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1,
       "customerId": {Pieter.id}}
      """
    Then the answer is 403 or 400

  @D-error-body
  Scenario: A body that is no JSON is refused with a message
    Given a customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": nowhere
      """
    Then the answer is 400
    And the answer has:
      | field   | value  |
      | message | a text |

  @S-unknown-fields
  Scenario: Fields that nobody knows are ignored
    Given a customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1, "mood": "bad"}, "responseTypeId": 1,
       "weather": "rain"}
      """
    Then the answer is 200 or 201

  @D-classification
  Scenario: A TEST callout is marked as one
    Given a customer
    When the client sends POST /customers/{customer.id}/callouts with:
      """
      {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 2,
       "calloutClassificationId": 2}
      """
    Then the answer is 200 or 201
    And /callouts/{callout.id} at AURA has:
      | field                                               | value   |
      | callout.calloutClassification.id                    | 2       |
      | callout.calloutClassification.value                 | TEST    |
      | callout.incidentInformation[0].responseType.id      | 2       |
      | callout.incidentInformation[0].responseType.value   | MEDICAL |
