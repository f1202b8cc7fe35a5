"""The platform side: attempts, status, mail, hold, gate, hands."""

from platform_bench import Bench, invoice, run


def test_documents_go_out_in_order():
    async def story(bench: Bench):
        accepted = [bench.side.emit(invoice()) for _ in range(5)]
        assert await bench.side.wait_idle(60)
        assert bench.connector.posted == [document.key for document in accepted]
        assert [document.number for document in accepted] == ["G-10001", "G-10002", "G-10003", "G-10004", "G-10005"]
        assert bench.connector.in_flight_most == 1
        assert bench.side.counts()["posted"] == 5

    run(story)
