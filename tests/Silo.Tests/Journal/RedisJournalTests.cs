using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

public sealed class RedisJournalTests : JournalContract
{
    private readonly RedisJournalOptions _options = RedisRun.Apart();

    protected override async ValueTask<IJournal> Open() => await RedisJournal.OpenAsync(RedisRun.Server.Address, _options);

    protected override async ValueTask<IJournal> Reopen(IJournal journal)
    {
        await journal.DisposeAsync();
        return await RedisJournal.OpenAsync(RedisRun.Server.Address, _options);
    }
}
