"""webconnector: plays Intuit's QuickBooks Web Connector in front of a user's SOAP service.

    .qwc --> registry (applications, passwords) --> scheduler --> one update at a time:
    update: serverVersion, clientVersion, authenticate --> QuickBooks: session, lock, first queries --> sendRequestXML, ProcessRequest,
            receiveResponseXML, ... --> unlock, end of session --> closeConnection

`soap.py` knows the messages and no sockets; `service.py` is the way to a service, `processor.py` the way to QuickBooks; `session.py` is the update,
`at_quickbooks.py` its side to QuickBooks; `qwclog.py` writes QWCLog.txt.
Facts: Intuit's programmer's guide 2.0 and its samples (documented), public logs (observed), practitioners (reported).
"""
