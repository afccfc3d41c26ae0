using HallOps.Silo.Scheduling;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>Forgets people whose time has passed, every hour: retention ends with a day (UTC), so it is that day whenever the server was started. The start itself forgets those of the time it was away.</summary>
/// <param name="people">Asked for at the first run: this is made before the folder is taken, and what people need is in it.</param>
internal sealed class PeopleRetention(Func<IPeople> people) : IHousekeeping
{
    public string Name => "retention";

    // Nothing to erase costs one look at an index.
    public async Task<string> RunAsync(CancellationToken cancel) => FormattableString.Invariant($"{await people().EraseDueAsync(cancel)} people forgotten");
}
