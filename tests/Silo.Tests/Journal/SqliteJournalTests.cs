using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

public sealed class SqliteJournalTests : JournalContract
{
    private readonly TestFolder _folder = new();

    protected override ValueTask<IJournal> Open() => new(SqliteJournal.Open(_folder.At));

    protected override async ValueTask<IJournal> Reopen(IJournal journal)
    {
        await journal.DisposeAsync();
        return SqliteJournal.Open(_folder.At);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
