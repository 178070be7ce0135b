@sandbox
Feature: Authentication
  A customer source has a clientId and a clientSecret; every call but the one for a token carries a
  bearer token.

  @D-token-request @D-token-response
  Scenario: Credentials are exchanged for a bearer token
    When a client without a token sends POST /oauth/token with:
      """
      {"clientId": "{client.id}", "clientSecret": "{client.secret}"}
      """
    Then the answer is 200 or 201
    And the answer has:
      | field       | value    |
      | accessToken | a text   |
      | tokenType   | Bearer   |
      | expiresIn   | a number |

  @S-token-lifetime
  Scenario: A token is good for an hour, and is renewed with the credentials
    When a client without a token sends POST /oauth/token with:
      """
      {"clientId": "{client.id}", "clientSecret": "{client.secret}"}
      """
    Then the answer has:
      | field     | value |
      | expiresIn | 3600  |
    When the field "accessToken" of the answer is remembered as "old token"
    And 61 minutes pass
    And the token "{old token}" sends GET /callouts/activeCallouts
    Then the answer is 401
    When the client sends GET /callouts/activeCallouts
    Then the answer is 200

  @S-credentials
  Scenario Outline: A token request with <what> is refused with <status>
    When a client without a token sends POST /oauth/token with:
      """
      <body>
      """
    Then the answer is <status>
    And the answer has:
      | field       | value  |
      | message     | a text |
      | accessToken | absent |

    Examples:
      | what           | status | body                                                       |
      | no secret      | 400    | {"clientId": "{client.id}"}                                |
      | no client id   | 400    | {"clientSecret": "{client.secret}"}                        |
      | a wrong secret | 401    | {"clientId": "{client.id}", "clientSecret": "not-it"}      |

  @D-bearer
  Scenario Outline: <sender> is refused
    When <sender> sends GET /callouts/activeCallouts
    Then the answer is 401
    And the answer has:
      | field   | value  |
      | message | a text |

    Examples:
      | sender                       |
      | a client without a token     |
      | a client with a forged token |

  @D-callout-token-request
  Scenario: A callout token is granted for a customer, with the same fields
    Given a customer
    When the client sends POST /oauth/calloutToken with:
      """
      {"customerId": {customer.id}}
      """
    Then the answer is 200 or 201
    And the answer has:
      | field       | value    |
      | accessToken | a text   |
      | tokenType   | Bearer   |
      | expiresIn   | a number |

  @D-callout-token-request
  Scenario: A callout token is for a customer that exists
    When the client sends POST /oauth/calloutToken with:
      """
      {"customerId": 99999999}
      """
    Then the answer is 404

  @D-callout-token-request
  Scenario: A callout token is not for who has no token
    Given a customer
    When a client without a token sends POST /oauth/calloutToken with:
      """
      {"customerId": {customer.id}}
      """
    Then the answer is 401

  @D-token-reuse
  Scenario: One token serves many requests
    Given a linked AURA structured device
    When the person presses the device
    And 10 minutes pass
    Then the gateway has asked AURA for 1 token

  @D-token-refresh
  Scenario: A token that has ended is renewed on the way
    Given a linked AURA structured device
    When 3 hours pass
    And the person presses the device
    Then the callout is open within 30 seconds
    And every press is accounted for

  @S-wrong-path
  Scenario Outline: <method> <path> is no endpoint
    When the client sends <method> <path>
    Then the answer is 404
    And the answer has:
      | field   | value  |
      | message | a text |

    Examples:
      | method | path            |
      | GET    | /no/such/thing  |
      | GET    | /deviceEvent    |
      | DELETE | /customers      |
