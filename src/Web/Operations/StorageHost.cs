using HallOps.Web.Accounts;
using HallOps.Web.Devices;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Operations;

/// <summary>Opens the SQL side before anybody is let in: keys, schema, and what is kept in memory.</summary>
internal sealed class StorageHost(IServiceProvider services, SqlPlace place, Settings settings) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        place.Agree();
        var keys = services.GetRequiredService<Keys>();
        await using (var database = await services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(cancellationToken))
        {
            await Schema.PrepareAsync(database, place, keys, cancellationToken, services.GetRequiredService<SharedFiles>());
            await services.GetRequiredService<ErasedList>().ApplyAsync(database, cancellationToken);
        }
        await services.GetRequiredService<Texts>().LoadAsync(cancellationToken);
        await services.GetRequiredService<HallRegions>().LoadAsync(cancellationToken);
        await services.GetRequiredService<AccountDirectory>().LoadAsync(cancellationToken);
        await services.GetRequiredService<DeviceDirectory>().LoadAsync(cancellationToken);
        await services.GetRequiredService<IPeople>().EraseDueAsync(cancellationToken);
        await services.GetRequiredService<FirstAccount>().PrepareAsync(settings.Play is null ? Environment.GetEnvironmentVariable(FirstAccount.PasswordVariable) : Demo.DemoAccounts.Password, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
