@sandbox
Feature: Sites, sessions and services
  What the API offers beside people and their devices.

  Rule: Fixed locations

    @D-site-create @D-site-strings @D-site-dotted-keys
    Scenario: A fixed location is registered, with its coordinates as texts
      Given a customer
      When the client sends POST /predefinedLocations with:
        """
        {"externalReferenceId": "site_9944", "locationIdentifier": "site_9944",
         "locationDescription": "Downtown Branch", "latitude": "-26.12345",
         "longitude": "28.12345", "formattedAddress": "123 Main Street, Johannesburg",
         "calloutLocationTypeId": 3, "customerId": {customer.id}}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                        | value           |
        | id                           | a number        |
        | customerSourceId             | a number        |
        | externalReferenceId          | site_9944       |
        | latitude                     | "-26.12345"     |
        | longitude                    | "28.12345"      |
        | customerId                   | {customer.id}   |
        | locationDescription          | Downtown Branch |
        | ["calloutLocationType.id"]   | 3               |
        | ["calloutLocationType.value"] | a text         |
        | createdAt                    | a time          |

    @D-site-required
    Scenario Outline: A fixed location without <missing> is refused
      When the client sends POST /predefinedLocations with:
        """
        <body>
        """
      Then the answer is 400

      Examples:
        | missing             | body                                                                                         |
        | externalReferenceId | {"locationIdentifier": "a", "latitude": "-26.1", "longitude": "28.1"}                        |
        | locationIdentifier  | {"externalReferenceId": "a", "latitude": "-26.1", "longitude": "28.1"}                       |
        | latitude            | {"externalReferenceId": "a", "locationIdentifier": "a", "longitude": "28.1"}                 |

    @I-site-read @D-site-update
    Scenario: A fixed location is read, updated and deleted
      Given a fixed location "branch" at -26.1076, 28.0567
      When the client sends GET /predefinedLocations/{site}
      Then the answer has:
        | field               | value            |
        | externalReferenceId | {site reference} |
      When the client sends PUT /predefinedLocations/{site} with:
        """
        {"externalReferenceId": "{site reference}", "locationIdentifier": "{site reference}",
         "latitude": "-26.2", "longitude": "28.1", "locationDescription": "Moved"}
        """
      Then the answer is 200
      And /predefinedLocations/{site} at AURA has:
        | field               | value   |
        | locationDescription | Moved   |
        | latitude            | "-26.2" |
      When the client sends GET /predefinedLocations
      Then the answer lists 1 entry
      When the client sends DELETE /predefinedLocations/{site}
      And the client sends GET /predefinedLocations/{site}
      Then the answer is 404

    @D-site-callout
    Scenario: A site calls for help without coordinates and without a subscription
      Given a fixed location "branch" at -26.1076, 28.0567
      When the client sends POST /predefinedLocations/externalRef/{site reference}/callouts with:
        """
        {"installerIdentifier": "partner-7"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                        | value            |
        | message                      | a text           |
        | installerIdentifier          | partner-7        |
        | externalReferenceId          | {site reference} |
        | callout.id                   | a number         |
        | callout.predefinedLocationId | {site}           |
      And the callout is open

    @D-site-callout @D-create-joins-active
    Scenario: A site that calls again gets the callout there is
      Given a fixed location "branch" at -26.1076, 28.0567
      And the site calls for help
      When the client sends POST /predefinedLocations/externalRef/{site reference}/callouts with:
        """
        {}
        """
      Then the answer is 200
      And the answer has:
        | field      | value        |
        | callout.id | {callout.id} |

    @D-site-unknown-reference
    Scenario: An unknown reference is a bad request, not a missing resource
      When the client sends POST /predefinedLocations/externalRef/nobody-knows/callouts with:
        """
        {}
        """
      Then the answer is 400
      And the answer has:
        | field   | value  |
        | message | a text |

  Rule: Hosted sessions

    @D-signup-session
    Scenario: A sign-up session has AURA's address to open, not ours
      When the client sends POST /customer-signup/sessions with:
        """
        {"returnUrl": "https://integrator.invalid/back", "email": "jane@example.com",
         "customerReferenceId": "crm-1"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field      | value                               |
        | sessionId  | a text                              |
        | customerId | null                                |
        | returnUrl  | not https://integrator.invalid/back |
      When the field "sessionId" of the answer is remembered as "session"
      And the client sends GET /customer-signup/sessions/{session}
      Then the answer has:
        | field               | value  |
        | customerReferenceId | crm-1  |
        | flows               | a list |

    @D-signup-session
    Scenario: A sign-up session needs an address to come back to
      When the client sends POST /customer-signup/sessions with:
        """
        {"email": "jane@example.com"}
        """
      Then the answer is 400

    @D-subscription-session
    Scenario: A subscription session is not for a server token
      When the client sends POST /customer-subscription/sessions with:
        """
        {"returnUrl": "https://integrator.invalid/back"}
        """
      Then the answer is 400
      And the answer says "No valid customerId found"

  Rule: Response types and coverage

    @D-response-types
    Scenario: Response types are listed with what they are for
      When the client sends GET /responseTypes
      Then the answer has:
        | field                             | value     |
        | responseTypes[0].id               | 1         |
        | responseTypes[0].value            | SECURITY  |
        | responseTypes[0].description      | a text    |
        | responseTypes[0].enabledLocations | an object |
        | responseTypes[1].id               | 2         |

    @D-coverage
    Scenario: Coverage is a KML document
      When the client sends GET /coverage/1
      Then the answer is 200
      And the text of the answer contains "<Placemark"
      When the client sends GET /coverage/99
      Then the answer is 404

  Rule: Leads

    @D-leads
    Scenario: A lead is handed over and looked up
      When the client sends POST /leads with:
        """
        {"mobileNumber": "+27821234567", "firstName": "Jane"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field  | value   |
        | id     | a text  |
        | status | created |
      When the field "id" of the answer is remembered as "lead"
      And the client sends GET /leads/{lead}
      Then the answer has:
        | field  | value  |
        | id     | {lead} |
        | status | a text |
      When the client sends GET /leads/lead_nobody
      Then the answer is 404

    @D-leads
    Scenario: A lead has a number
      When the client sends POST /leads with:
        """
        {"firstName": "Jane"}
        """
      Then the answer is 400

  Rule: Scheduled services

    @D-scheduled
    Scenario: A guard is booked and taken back
      Given a customer
      When the client sends POST /scheduled/guarding with:
        """
        {"customerId": {customer.id},
         "scheduledRequestConfig": {"name": "Party", "details": {"numberOfGuards": 2},
           "dateFrom": "{now + 2 hours}", "dateTo": "{now + 8 hours}"},
         "initialLocation": {"latitude": -26.1, "longitude": 28.1}}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                           | value           |
        | scheduledRequest.id             | a text          |
        | scheduledRequest.nextOccurrence | {now + 2 hours} |
      When the field "scheduledRequest.id" of the answer is remembered as "booking"
      And the client sends DELETE /scheduled/{booking}
      Then the answer is 200

    @D-scheduled-ahead
    Scenario Outline: A guard in <ahead> is <outcome>
      Given a customer
      When the client sends POST /scheduled/guarding with:
        """
        {"customerId": {customer.id},
         "scheduledRequestConfig": {"name": "Party", "dateFrom": "{now + <ahead>}",
           "dateTo": "{now + 8 hours}"}}
        """
      Then the answer is <status>

      Examples:
        | ahead     | outcome  | status |
        | 4 minutes | refused  | 400    |
        | 6 minutes | accepted | 200    |
