@sandbox
Feature: Webhooks
  AURA tells the integrator's server what happens, at most once, in a JSON object that names the
  event and what it is about.

  @D-webhook-register @D-webhook-entity @T-webhook-payload
  Scenario: A new callout is told
    Given webhooks are registered for NEW_CALLOUT
    And a customer
    When the customer calls for help at -26.1076, 28.0567
    Then the webhook NEW_CALLOUT arrives once within 10 seconds
    And the last webhook NEW_CALLOUT has:
      | field                                                           | value        |
      | message                                                         | NEW_CALLOUT  |
      | callout.id                                                      | {callout.id} |
      | callout.calloutClassification.value                             | TEST         |
      | callout.internalTest                                            | false        |
      | callout.incidentInformation[0].typeOfEmergency.description      | a text       |
      | callout.incidentInformation[0].incidentcategory.description     | a text       |
      | callout.incidentInformation[0].calloutCurrentLocation.latitude  | -26.1076     |
      | callout.incidentInformation[0].predefinedLocationId             | null         |

  @D-webhook-lifecycle @D-webhook-responder-block
  Scenario: The whole life of a callout is told in its order
    Given webhooks are registered for every callout event
    And a customer
    And the customer calls for help at -26.1076, 28.0567
    When the control room takes ownership of the callout
    And a responder is dispatched to the callout
    And the responder arrives at the callout
    And the responder completes the callout
    And the control room closes the callout
    Then these webhooks arrive in this order within 10 seconds:
      | event                          |
      | NEW_CALLOUT                    |
      | CALLOUT_OWNED                  |
      | RESPONDER_ACKNOWLEDGED_CALLOUT |
      | RESPONDER_ARRIVED_ON_SCENE     |
      | RESPONDER_COMPLETED            |
      | CALLOUT_CLOSED                 |
    And the last webhook RESPONDER_ARRIVED_ON_SCENE has:
      | field                                         | value        |
      | callout.id                                    | {callout.id} |
      | callout.incidentInformation[0].responder.name | a text       |
      | callout.incidentInformation[0].arrivedAt      | a time       |

  @D-webhook-manual-dispatch
  Scenario: A dispatch by hand is told as one
    Given webhooks are registered for every callout event
    And a customer
    And the customer calls for help at -26.1076, 28.0567
    When the control room dispatches a responder to the callout by hand
    Then the webhook RESPONDER_MANUALLY_DISPATCHED arrives once within 10 seconds
    And the webhook RESPONDER_ACKNOWLEDGED_CALLOUT arrives never

  @D-webhook-soft-cancel
  Scenario: A cancel by the customer is told as one
    Given webhooks are registered for every callout event
    And a customer
    And the customer calls for help at -26.1076, 28.0567
    When the customer cancels the callout with the right safe code
    Then the webhook CALLOUT_SOFT_CANCELLED_BY_CUSTOMER arrives once within 10 seconds
    And the webhook CALLOUT_CLOSED arrives never for the next 10 minutes

  @D-webhook-stood-down
  Scenario: A cancel by the integration is told as one
    Given webhooks are registered for every callout event
    And a customer
    And the customer calls for help at -26.1076, 28.0567
    When the operator cancels the callout
    Then the webhook CALLOUT_NO_LONGER_REQUIRES_RESPONSE arrives once within 10 seconds

  @D-webhook-events-changed
  Scenario: A comment is told
    Given webhooks are registered for every callout event
    And a customer
    And the customer calls for help at -26.1076, 28.0567
    When the customer says "I am at the gate" in the callout
    Then the webhook CALLOUT_EVENTS_CHANGED arrives once within 10 seconds

  @D-webhook-chosen-events
  Scenario: Only what was asked for is told
    Given webhooks are registered for CALLOUT_CLOSED
    And a customer
    And the customer calls for help at -26.1076, 28.0567
    When the control room closes the callout
    Then these webhooks arrive in this order within 10 seconds:
      | event          |
      | CALLOUT_CLOSED |

  @D-webhook-one-active
  Scenario: A new registration replaces the one before
    Given webhooks are registered for NEW_CALLOUT and CALLOUT_CLOSED
    And webhooks are registered for CALLOUT_CLOSED
    And a customer
    When the customer calls for help at -26.1076, 28.0567
    Then the webhook NEW_CALLOUT arrives never for the next 1 minute

  @D-webhook-register @D-webhook-headers
  Scenario: The headers of the registration come with every delivery
    Given a customer
    When the client sends POST /notifiers/webhooks with:
      """
      {"url": "{webhook.url}", "events": ["NEW_CALLOUT", "CALLOUT_CLOSED"], "method": "webhook",
       "headers": {"authorization": "Bearer of-the-integrator"}}
      """
    Then the answer is 200 or 201
    And the answer has:
      | field                         | value         |
      | notifier.config[0].url        | {webhook.url} |
      | notifier.config[0].events[1]  | CALLOUT_CLOSED |
      | notifier.config[0].method     | webhook       |
    When the customer calls for help at -26.1076, 28.0567
    Then the webhook NEW_CALLOUT arrives once within 10 seconds
    And the last webhook NEW_CALLOUT carries the header "authorization" with "Bearer of-the-integrator"

  @D-webhook-https @S-webhook-https
  Scenario: An address that is not https is refused
    When the client sends POST /notifiers/webhooks with:
      """
      {"url": "http://integrator.invalid/webhooks", "events": ["NEW_CALLOUT"]}
      """
    Then the answer is 400

  @D-webhook-unknown-event
  Scenario: An event that nobody knows is refused
    When the client sends POST /notifiers/webhooks with:
      """
      {"url": "https://integrator.invalid/webhooks", "events": ["NEW_CALLOUT", "TEA_IS_READY"]}
      """
    Then the answer is 400

  @D-webhook-alias
  Scenario: The older name of the acknowledgement is honoured
    Given webhooks are registered for RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA
    And a customer
    And the customer calls for help at -26.1076, 28.0567
    When a responder is dispatched to the callout
    Then the webhook RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA arrives once within 10 seconds

  @D-webhook-subscription-events
  Scenario: Subscriptions are told
    Given webhooks are registered for SUBSCRIPTION_CREATED and SUBSCRIPTION_CANCELLED and SUBSCRIPTION_UPDATED
    And a customer without a subscription
    When the customer subscribes for 30 days
    Then the webhook SUBSCRIPTION_CREATED arrives once within 10 seconds
    When the subscription of the customer is prolonged by 60 days
    Then the webhook SUBSCRIPTION_UPDATED arrives once within 10 seconds
    When the subscription of the customer is cancelled
    Then the webhook SUBSCRIPTION_CANCELLED arrives once within 10 seconds
    And the last webhook SUBSCRIPTION_CANCELLED has:
      | field           | value                   |
      | subscription.id | {customer.subscription} |

  @D-webhook-customer-created
  Scenario: A new customer is told
    Given webhooks are registered for CREATED_CUSTOMER
    When a customer "Thandi"
    Then the webhook CREATED_CUSTOMER arrives once within 10 seconds
    And the last webhook CREATED_CUSTOMER has:
      | field       | value       |
      | customer.id | {Thandi.id} |

  @T-webhook-at-most-once @S-webhook-one-attempt
  Scenario: A delivery that the server refuses is not repeated
    Given webhooks are registered for NEW_CALLOUT
    And our server answers 500 to webhooks
    And a customer
    When the customer calls for help at -26.1076, 28.0567
    Then the webhook NEW_CALLOUT arrives once within 10 seconds
    And the webhook NEW_CALLOUT arrives once for the next 1 hour

  @D-webhook-one-id
  Scenario: A joined press is no new callout
    Given webhooks are registered for NEW_CALLOUT
    And a linked Milesight WS101 panic button
    When the person presses the button
    And 20 seconds pass
    And the person presses the button
    Then the webhook NEW_CALLOUT arrives once within 30 seconds
    And the webhook NEW_CALLOUT arrives once for the next 1 minute
