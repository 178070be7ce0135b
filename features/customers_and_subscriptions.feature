@sandbox
Feature: Customers and subscriptions
  A customer is a person in the care of a customer source; an active subscription is what entitles
  to a response.

  Rule: Customers

    @D-customer-create @D-customer-response
    Scenario: A customer is created with a subscription
      When the client sends POST /customers with:
        """
        {"customer": {"name": "Jane", "surname": "Doe", "mobile": "+27821234567",
          "externalReferenceId": "crm-1", "vehicleMake": "Toyota", "bloodtype": "O+"},
         "subscription": {"subscriptionTypeId": 4, "validFrom": "{now - 1 minute}",
          "validTo": "{now + 365 days}"}}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                        | value                           |
        | message                      | Request completed successfully. |
        | customer.id                  | a number                        |
        | customer.customerSourceId    | a number                        |
        | customer.name                | Jane                            |
        | customer.surname             | Doe                             |
        | customer.mobile              | "+27821234567"                  |
        | customer.externalReferenceId | crm-1                           |
        | customer.vehicleMake         | Toyota                          |
        | customer.bloodtype           | O+                              |
      When the field "customer.id" of the answer is remembered as "jane"
      And the client sends GET /customers/{jane}
      Then the answer is 200
      And the answer has:
        | field           | value          |
        | customer.id     | {jane}         |
        | customer.mobile | "+27821234567" |
      When the client sends GET /customers/{jane}/subscriptions
      Then the answer lists 1 entry

    @D-customer-mobile
    Scenario: A mobile is registered once
      Given a customer
      When the client sends POST /customers with:
        """
        {"customer": {"name": "Jane", "surname": "Doe", "mobile": "{customer.mobile}"}}
        """
      Then the answer is 409

    @D-customer-required
    Scenario Outline: A customer with <what> is refused
      When the client sends POST /customers with:
        """
        {"customer": <customer>}
        """
      Then the answer is 400
      And the answer has:
        | field   | value  |
        | message | a text |

      Examples:
        | what           | customer                                                    |
        | a blank mobile | {"name": "Jane", "surname": "Doe", "mobile": ""}            |
        | no mobile      | {"name": "Jane", "surname": "Doe"}                          |
        | no name        | {"surname": "Doe", "mobile": "+27821234567"}                |
        | no surname     | {"name": "Jane", "mobile": "+27821234567"}                  |

    @D-customer-one-subscription
    Scenario: A new customer has a new subscription or an existing one, not both
      Given a customer
      When the client sends POST /customers with:
        """
        {"customer": {"name": "Jane", "surname": "Doe", "mobile": "+27821234567"},
         "subscriptionId": {customer.subscription},
         "subscription": {"subscriptionTypeId": 4, "validFrom": "{now}", "validTo": "{now + 9 days}"}}
        """
      Then the answer is 400

    @D-customer-family
    Scenario: A new customer depends on an existing subscription
      Given a customer
      When the client sends POST /customers with:
        """
        {"customer": {"name": "Jane", "surname": "Doe", "mobile": "+27821234567"},
         "subscriptionId": {customer.subscription}}
        """
      Then the answer is 200 or 201
      When the field "customer.id" of the answer is remembered as "jane"
      And the client sends POST /customers/{jane}/callouts with:
        """
        {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
        """
      Then the answer is 200 or 201

    @D-customer-update
    Scenario: A customer is updated
      Given a customer
      When the client sends PUT /customers/{customer.id} with:
        """
        {"customer": {"vehicleColour": "red"}}
        """
      Then the answer is 200
      And the answer has:
        | field                  | value           |
        | message                | a text          |
        | customer.vehicleColour | red             |
        | customer.name          | {customer.name} |

    @D-customer-delete @S-customer-deleted
    Scenario: A customer is deleted by a POST, and is gone
      Given a customer
      When the client sends POST /customers/{customer.id}/delete with:
        """
        {}
        """
      Then the answer is 200
      And the answer has:
        | field   | value                           |
        | message | Request completed successfully. |
      When the client sends GET /customers/{customer.id}
      Then the answer is 404
      When the client sends POST /customers with:
        """
        {"customer": {"name": "Jane", "surname": "Doe", "mobile": "{customer.mobile}"}}
        """
      Then the answer is 200 or 201

    @D-customer-delete
    Scenario: DELETE is not the way
      Given a customer
      When the client sends DELETE /customers/{customer.id}
      Then the answer is 404
      When the client sends GET /customers/{customer.id}
      Then the answer is 200

    @D-customer-errors @D-tenant-isolation
    Scenario: A customer of another customer source does not exist for us
      Given a customer
      When another client sends GET /customers/{customer.id}
      Then the answer is 404
      When the client sends GET /customers/99999999
      Then the answer is 404

    @S-customer-no-search
    Scenario: Customers cannot be listed
      When the client sends GET /customers
      Then the answer is 404

  Rule: Subscriptions

    @D-subscription-types
    Scenario: The types of subscription are listed
      When the client sends GET /subscriptions/subscriptionTypes
      Then the answer is 200
      And the answer has:
        | field                      | value              |
        | subscriptionTypes[0].id    | a number           |
        | subscriptionTypes[0].value | WEB_SIGNUP_SINGLE  |
        | subscriptionTypes[1].value | WEB_SIGNUP_FAMILY  |

    @D-subscription-create @D-subscription-no-status
    Scenario: A subscription is activated; it has dates and no status
      Given a customer without a subscription
      When the client sends POST /subscriptions with:
        """
        {"customerId": {customer.id}, "subscriptionTypeId": 4, "validFrom": "{now}",
         "validTo": "{now + 30 days}"}
        """
      Then the answer is 200 or 201
      And the answer has:
        | field                           | value           |
        | subscription.id                 | a number        |
        | subscription.customerId         | {customer.id}   |
        | subscription.subscriptionTypeId | 4               |
        | subscription.validFrom          | {now}           |
        | subscription.validTo            | {now + 30 days} |
        | subscription.CancelledDate      | null            |
        | subscription.status             | absent          |
      And the customer has 1 active subscription

    @D-subscription-active
    Scenario: A subscription holds between its dates
      Given a customer without a subscription
      And the customer subscribes for 10 days
      Then the customer has 1 active subscription
      When 9 days pass
      Then the customer has 1 active subscription
      When 2 days pass
      Then the customer has no active subscriptions

    @D-subscription-conflict
    Scenario: A second active subscription conflicts
      Given a customer
      When the client sends POST /subscriptions with:
        """
        {"customerId": {customer.id}, "subscriptionTypeId": 4}
        """
      Then the answer is 409

    @D-subscription-cancel
    Scenario: A cancelled subscription has its date and no longer entitles
      Given a customer
      When the client sends DELETE /subscriptions/{customer.subscription}
      Then the answer is 200
      And the answer has:
        | field   | value                           |
        | message | Request completed successfully. |
      And /subscriptions/{customer.subscription} at AURA has:
        | field                      | value  |
        | subscription.CancelledDate | a time |
      And the customer has no active subscriptions
      When the client sends POST /customers/{customer.id}/callouts with:
        """
        {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
        """
      Then the answer is 403 or 400

    @D-subscription-revive @S-subscription-put
    Scenario: A cancelled subscription cannot be revived; a new one can be made
      Given a customer
      And the subscription of the customer is cancelled
      When the client sends PUT /subscriptions/{customer.subscription} with:
        """
        {"validTo": "{now + 900 days}"}
        """
      Then the answer is 400
      When the customer subscribes for 30 days
      Then the customer has 1 active subscription

    @D-subscription-update @S-subscription-put
    Scenario: A subscription is renewed
      Given a customer without a subscription
      And the customer subscribes for 10 days
      And the subscription of the customer is prolonged by 40 days
      When 20 days pass
      Then the customer has 1 active subscription

    @D-subscription-family
    Scenario: If the main member lapses, the dependants lapse
      Given a customer "Thandi" without a subscription
      And a customer "Junior" without a subscription
      When the client sends POST /subscriptions with:
        """
        {"customerId": {Thandi.id}, "subscriptionTypeId": 5, "validFrom": "{now}",
         "validTo": "{now + 10 days}", "dependantCustomerIds": [{Junior.id}]}
        """
      Then the answer is 200 or 201
      When the field "subscription.id" of the answer is remembered as "family"
      Then /subscriptions/{family} at AURA has:
        | field                    | value       |
        | dependents[0].customerId | {Junior.id} |
      When "Junior" calls for help at -26.1, 28.1
      Then "Junior" has 1 open callout
      When the operator cancels the callout
      And 11 days pass
      And the client sends POST /customers/{Junior.id}/callouts with:
        """
        {"location": {"latitude": -26.1, "longitude": 28.1}, "responseTypeId": 1}
        """
      Then the answer is 403 or 400

    @D-subscription-rate
    Scenario: More than about fifty lists in ten seconds are too many
      Given a customer
      When the client sends GET /customers/{customer.id}/subscriptions 60 times
      Then the answer is 429
      When 11 seconds pass
      And the client sends GET /customers/{customer.id}/subscriptions
      Then the answer is 200

    @D-subscription-errors
    Scenario: A subscription that does not exist
      When the client sends GET /subscriptions/1
      Then the answer is 404
      When the client sends DELETE /subscriptions/1
      Then the answer is 404
