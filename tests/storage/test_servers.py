import redis


def test_redis_starts_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "over")


def test_redis_starts_empty_again(redis_url: str) -> None:
    test_redis_starts_empty(redis_url)
