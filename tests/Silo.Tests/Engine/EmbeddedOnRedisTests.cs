using HallOps.Silo.Journal;
using HallOps.Silo.Tests.Journal;

namespace HallOps.Silo.Tests.Engine;

/// <summary>The same engine, its halls in Redis.</summary>
public sealed class EmbeddedOnRedisTests : EmbeddedHallsTests
{
    private readonly RedisJournalOptions _options = RedisRun.Apart();

    protected override async ValueTask<IJournal> OpenJournalAsync() => await RedisJournal.OpenAsync(RedisRun.Server.Address, _options);
}
