using HallOps.Web.Operations;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Storage;

/// <summary>Registers the SQL side of a data folder.</summary>
internal static class StorageParts
{
    public static void AddStorage(this IServiceCollection services, Settings settings)
    {
        var place = settings.Sql;
        services.AddSingleton(place);
        services.AddDbContextFactory<HallOpsDb>(place.Configure);
        services.AddSingleton(settings.Journal);
        services.AddSingleton(new SharedFiles(place, settings.KeySecret));
        services.AddSingleton(_ => new Keys(place.Folder));
        services.AddSingleton<ErasedList>().AddSingleton<IPeople, People>();
        services.AddSingleton<Texts>().AddSingleton<ITexts>(s => s.GetRequiredService<Texts>());
        services.AddDataProtection().SetApplicationName("HallOps");
        services.AddOptions<KeyManagementOptions>().Configure<SharedFiles, ILoggerFactory>((keys, shared, loggers) =>
            keys.XmlRepository = new SharedKeyRing(new FileSystemXmlRepository(new DirectoryInfo(place.Folder.DataProtectionPath), loggers), shared));
    }
    /// <summary>Where other processes may serve the same deployment; comes after whatever hears of them, since hosted services start in the order of their registration.</summary>
    public static void AddSharedNews(this IServiceCollection services, Settings settings)
    {
        if (settings.KeySecret is not null) services.AddSingleton<SharedNews>().AddHostedService(s => s.GetRequiredService<SharedNews>());
    }
}
