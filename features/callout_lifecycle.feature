@sandbox
Feature: Callout lifecycle
  The guide on the callout lifecycle: keep the location current, track progress, cancel, and after
  the resolution read the report, the map, and give a rating.

  Rule: Keep the location current

    @D-location-update
    Scenario: A location is submitted on its own
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/location with:
        """
        {"latitude": -26.2, "longitude": 28.1, "accuracy": 15}
        """
      Then the answer is 200
      And the answer has:
        | field   | value                           |
        | message | Request completed successfully. |
      And the callout is within 1 m of -26.2, 28.1

    @D-location-and-return @D-location-body-id-ignored
    Scenario: A location is submitted and the callout read back in one call
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/updateLocationAndReturnCallout with:
        """
        {"latitude": -26.2, "longitude": 28.1, "calloutId": 1}
        """
      Then the answer is 200
      And the answer has:
        | field                                                                 | value        |
        | message                                                               | a text       |
        | callout.id                                                            | {callout.id} |
        | callout.incidentInformation[0].calloutCurrentLocation.latitude        | -26.2        |
        | callout.incidentInformation[0].calloutCurrentLocation.longitude       | 28.1         |

    @D-location-285
    Scenario Outline: Once the callout is closed, <call> answers 285
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the control room closes the callout
      When the client sends POST /callouts/{callout.id}/<call> with:
        """
        {"latitude": -26.2, "longitude": 28.1}
        """
      Then the answer is 285
      And the callout is within 1 m of -26.1076, 28.0567

      Examples:
        | call                           |
        | location                       |
        | updateLocationAndReturnCallout |

    @D-location-285
    Scenario: The latest callout comes with a 285
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the control room closes the callout
      When the client sends POST /callouts/{callout.id}/updateLocationAndReturnCallout with:
        """
        {"latitude": -26.2, "longitude": 28.1}
        """
      Then the answer has:
        | field          | value        |
        | callout.id     | {callout.id} |
        | callout.status | closed       |

    @D-location-285
    Scenario: An app that streams is told to stop
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the app says that the callout is at -26.11, 28.06
      Then the app is told that the callout is "open"
      When the control room closes the callout
      And the app says that the callout is at -26.12, 28.07
      Then the app is told that the callout is "closed"

    @S-location-after-cancel
    Scenario: A cancelled callout that is not closed still takes locations
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the operator cancels the callout
      When the client sends POST /callouts/{callout.id}/location with:
        """
        {"latitude": -26.2, "longitude": 28.1}
        """
      Then the answer is 200

    @D-location-errors
    Scenario: A location without coordinates is refused
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/location with:
        """
        {"latitude": -26.2}
        """
      Then the answer is 400

  Rule: Track progress

    @D-get-nested @T-nested-fields
    Scenario: A callout is read with its incident nested
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      Then /callouts/{callout.id} at AURA has:
        | field                                                           | value             |
        | message                                                         | a text            |
        | callout.id                                                      | {callout.id}      |
        | callout.status                                                  | created           |
        | callout.calloutClassification.value                             | TEST              |
        | callout.internalTest                                            | false             |
        | callout.incidentInformation[0].predefinedLocationId             | null              |
        | callout.incidentInformation[0].typeOfEmergency.description      | a text            |
        | callout.incidentInformation[0].responseType.value               | SECURITY          |
        | callout.incidentInformation[0].calloutCurrentLocation.latitude  | -26.1076          |
        | callout.incidentInformation[0].calloutCurrentLocation.longitude | 28.0567           |

    @D-get-errors @D-tenant-isolation
    Scenario: A callout of another customer source does not exist for us
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When another client sends GET /callouts/{callout.id}
      Then the answer is 404
      When the client sends GET /callouts/1
      Then the answer is 404

    @D-lists-active
    Scenario: Active callouts are listed, for a customer and for the customer source
      Given a customer "Thandi"
      And a customer "Pieter"
      And "Thandi" calls for help at -26.1076, 28.0567
      And "Pieter" calls for help at -26.2, 28.1
      When the client sends GET /callouts/activeCallouts
      Then the answer lists 2 entries
      When the client sends GET /customers/{Thandi.id}/callouts
      Then the answer lists 1 entry
      When the control room closes the first callout
      And the client sends GET /callouts/activeCallouts
      Then the answer lists 1 entry

    @D-status-created @D-status-dispatched @S-status-texts
    Scenario: The status follows the responder
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      Then the callout has the status "created"
      When a responder is dispatched to the callout
      Then the callout has the status "Responder Dispatched"
      When the responder arrives at the callout
      Then the callout has the status "Responder Arrived"
      When the responder completes the callout
      Then the callout has the status "Responder Completed"
      When the control room closes the callout
      Then the callout has the status "closed"
      And the callout is over

    @D-dispatch-block @S-dispatch-names
    Scenario: The responder and the times of the response appear as they are reached
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      Then /callouts/{callout.id} at AURA has:
        | field                                       | value |
        | callout.incidentInformation[0].responder    | null  |
        | callout.incidentInformation[0].dispatchedAt | null  |
      When 2 minutes pass
      And a responder is dispatched to the callout
      Then /callouts/{callout.id} at AURA has:
        | field                                         | value  |
        | callout.incidentInformation[0].responder.name | a text |
        | callout.incidentInformation[0].supplier.name  | a text |
        | callout.incidentInformation[0].dispatchedAt   | {now}  |
        | callout.incidentInformation[0].arrivedAt      | null   |
      When 6 minutes pass
      And the responder arrives at the callout
      Then /callouts/{callout.id} at AURA has:
        | field                                      | value |
        | callout.incidentInformation[0].arrivedAt   | {now} |
        | callout.incidentInformation[0].completedAt | null  |

    @D-events-send @D-events-list
    Scenario: Comments are exchanged through the event stream
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/events with:
        """
        {"source": "customer", "event": "I am at the gate @admin"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                     | value        |
        | calloutEvent.id           | a number     |
        | calloutEvent.calloutId    | {callout.id} |
        | calloutEventTags          | a list       |
      When the client sends GET /callouts/{callout.id}/events
      Then the answer lists 1 entry
      And the answer has:
        | field                   | value                   |
        | [0].calloutId           | {callout.id}            |
        | [0].calloutEventTypeId  | a number                |
        | [0].event.message       | I am at the gate @admin |
        | [0].createdBy           | a text                  |
        | [0].createdAt           | a time                  |
        | [0].calloutEventType    | an object               |
        | [0].calloutEventTags    | a list                  |
      And the events of the callout contain "I am at the gate @admin"

    @D-events-send
    Scenario: A comment needs a source and a text
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/events with:
        """
        {"source": "customer"}
        """
      Then the answer is 400

  Rule: Cancel

    @D-cancel-safe-code @D-cancel-response
    Scenario: The customer cancels with the last four digits of the mobile
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/cancel with:
        """
        {"safeCode": "{customer.safeCode}"}
        """
      Then the answer is 200
      And the answer has:
        | field      | value        |
        | callout.id | {callout.id} |
        | message    | absent       |
      And the callout is over
      And the customer has no open callouts

    @D-duress @S-wrong-safe-code
    Scenario: A wrong safe code looks accepted and stands nobody down
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the customer cancels the callout with a wrong safe code
      Then the customer has 1 open callout for the next 10 minutes

    @S-wrong-safe-code
    Scenario Outline: A safe code that is <what> is refused
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/cancel with:
        """
        {"safeCode": <code>}
        """
      Then the answer is 400
      And the customer has 1 open callout

      Examples:
        | what             | code    |
        | a number         | 4567    |
        | too short        | "456"   |
        | too long         | "45678" |
        | no digits        | "abcd"  |

    @D-cancel-integration @D-status-cancelled
    Scenario: The integration cancels without a safe code
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/cancel with:
        """
        {}
        """
      Then the answer is 200
      And the callout has the status "Responder Cancelled"
      And the callout is over

    @S-cancel-again
    Scenario: A closed callout cannot be cancelled
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the control room closes the callout
      When the client sends POST /callouts/{callout.id}/cancel with:
        """
        {}
        """
      Then the answer is 400
      And the answer says "already closed"

    @D-cancel-errors
    Scenario: A callout that does not exist cannot be cancelled
      When the client sends POST /callouts/1/cancel with:
        """
        {}
        """
      Then the answer is 404

    @S-cancelled-not-active
    Scenario: After a cancel the customer can call for help anew
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the operator cancels the callout
      And the customer calls for help at -26.1076, 28.0567
      Then the customer has 1 open callout
      And the second callout is open
      And the first callout is over

    @D-exception-reasons
    Scenario: A reason is put on record with the cancellation
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the operator cancels the callout
      When the client sends GET /callouts/{callout.id}/exceptionReasons
      Then the answer has:
        | field      | value    |
        | [0].id     | a number |
        | [0].reason | a text   |
      When the client sends POST /callouts/{callout.id}/exceptionReasons with:
        """
        {"exceptionReasonId": 102, "notes": "The child pressed it"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                  | value     |
        | createdExceptionReason | an object |
      When the client sends POST /callouts/{callout.id}/exceptionReasons with:
        """
        {"notes": "The child pressed it"}
        """
      Then the answer is 400

    @T-dismiss
    Scenario: A dismissed callout is over
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /callouts/{callout.id}/dismiss with:
        """
        {}
        """
      Then the answer is 200
      And the callout is over

  Rule: After resolution

    @D-artifacts-after-close @S-artifacts-before-close
    Scenario Outline: There is no <artifact> before the callout is closed
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends GET /callouts/{callout.id}/<path>
      Then the answer is 404
      When the control room closes the callout
      And the client sends GET /callouts/{callout.id}/<path>
      Then the answer is 200

      Examples:
        | artifact          | path             |
        | resolution report | resolutionReport |
        | map               | maps             |

    @D-report @S-report-shape
    Scenario: The report tells how the response went
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When 1 minute passes
      And a responder is dispatched to the callout
      And 7 minutes pass
      And the responder arrives at the callout
      And 12 minutes pass
      And the responder completes the callout
      And 2 minutes pass
      And the control room closes the callout
      Then /callouts/{callout.id}/resolutionReport at AURA has:
        | field                          | value        |
        | report.calloutId               | {callout.id} |
        | report.responseTimeSeconds     | 480          |
        | report.resolutionTimeSeconds   | 1320         |
        | report.outcome                 | a text       |
        | report.closedAt                | {now}        |

    @D-map
    Scenario: The map of a closed callout is a picture somewhere
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the control room closes the callout
      When the client sends GET /callouts/{callout.id}/maps
      Then the answer has:
        | field | value                    |
        | url   | contains {callout.id}    |
        | image | null                     |

  Rule: Collect a rating

    @D-rating @D-rating-after-close
    Scenario: The customer rates the response
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the control room closes the callout
      When the client sends POST /ratings with:
        """
        {"calloutId": {callout.id}, "rating": 5, "additionalDetails": "Quick and kind",
         "customerAllowedToBeContacted": true}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                      | value    |
        | calloutRatingPostResult.id | a number |
      When the field "calloutRatingPostResult.id" of the answer is remembered as "rating"
      And the client sends POST /rating-items with:
        """
        {"calloutRatingId": {rating}, "ratingItemDescription": "Friendly", "sentiment": "positive"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                    | value     |
        | calloutRatingItemResults | an object |

    @D-rating
    Scenario Outline: A rating of <rating> is refused
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      And the control room closes the callout
      When the client sends POST /ratings with:
        """
        {"calloutId": {callout.id}, "rating": <rating>}
        """
      Then the answer is 400

      Examples:
        | rating |
        | 0      |
        | 6      |
        | "good" |

    @D-rating-after-close
    Scenario: An open callout cannot be rated
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When the client sends POST /ratings with:
        """
        {"calloutId": {callout.id}, "rating": 4}
        """
      Then the answer is 400 or 404

    @S-never-closes-by-itself
    Scenario: Nothing closes a callout but the control room
      Given a customer
      And the customer calls for help at -26.1076, 28.0567
      When 2 days pass
      Then the callout is open
      And the callout has the status "created"
